import { judgeTarget } from '../gates/judge-target.ts';
import { GateError } from '../errors.ts';
import { StateRemedy } from '../gates/remedies.ts';
import type { LockedTarget } from '../gates/manifest.ts';
import { describeTarget, targetSchema } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';
import type { Evidence } from '../record.ts';
import type { Examined } from './examine.ts';

/** A row for each promise of the lock, judged from the records; those of a record that does not hold are refused. Pure. */
export function rowsOf(
  targets: readonly LockedTarget[],
  evidences: readonly Evidence[],
  examined: readonly Examined[],
): Verdict[] {
  return targets.map((target) => {
    const location = { file: target.spec, line: 1 };
    const evidence = evidences.find(({ id }) => id === target.iteration);
    if (!evidence) return { ...withoutEvidence(target), location };
    const row = judged(target, evidence);
    const broken = examined.find(
      ({ record, findings }) => record.id === target.iteration && findings.length > 0,
    );
    if (!broken) return { ...row, location };
    const { cause } = broken.findings[0]!;
    return { ...row, location, status: 'refused', detail: 'its record does not hold', remedy: cause };
  });
}

function judged(target: LockedTarget, evidence: Evidence): Verdict {
  try {
    return judgeTarget(targetSchema.parse(target), evidence);
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return { ...withoutValue(target), status: 'error', detail: error.message, remedy: error.message };
  }
}

function withoutEvidence(target: LockedTarget): Verdict {
  const detail = `the commit has no record of ${target.iteration}`;
  return { ...withoutValue(target), status: 'missing', detail, remedy: StateRemedy.unrecorded };
}

function withoutValue(target: LockedTarget) {
  return {
    ...targetSchema.parse(target),
    actual: null,
    values: [],
    aggregation: 'single run' as const,
    provenance: 'recorded' as const,
    title: `${target.iteration} promises ${describeTarget(target)}`,
  };
}
