import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readBase } from '../base/read-base.ts';
import { ExitCode, GateError } from '../errors.ts';
import { compareTargets, LOOSENED_FILE, loosenedSchema } from '../gates/loosening.ts';
import type { Acknowledgement, TargetChange } from '../gates/loosening.ts';
import type { Lock } from '../gates/manifest.ts';
import { compareRecords } from '../gates/regression.ts';
import type { Comparison } from '../gates/regression.ts';
import type { Evidence, RunRecord } from '../record.ts';
import { CONSISTENT_AT } from './summary.ts';

export interface AgainstBase {
  readonly targetChanges: readonly TargetChange[];
  readonly comparisons: readonly Comparison[];
  readonly records: readonly RunRecord[];
  readonly notices: readonly string[];
}

/** Holds targets and evidences against those of a git revision; like is compared with like (id, backend, seed). */
export async function againstBase(
  revision: string,
  root: string,
  lock: Lock | undefined,
  evidences: readonly Evidence[],
): Promise<AgainstBase> {
  const base = await readBase(revision, root);
  const acknowledged = await readAcknowledgements(root);
  const pairs = evidences
    .map(({ runs }) => runs[0]!)
    .map((head) => ({ head, base: closest(base.records, head) }));
  return {
    targetChanges: compareTargets(base.lock?.targets ?? [], lock?.targets ?? [], acknowledged),
    comparisons: pairs.flatMap((pair) =>
      compareRecords(pair.base, pair.head, { consistentAt: CONSISTENT_AT }),
    ),
    records: pairs.flatMap((pair) => pair.base ?? []),
    notices: [
      ...(base.lock ? [] : [`${revision} has no lock of targets yet: every target counts as added.`]),
      ...base.unreadable.map(
        (file) => `${file} at ${revision} is not a record of this version: not comparable.`,
      ),
    ],
  };
}

/** The record of the same iteration, if there are several the one of the same backend and seed. */
function closest(records: readonly RunRecord[], head: RunRecord): RunRecord | undefined {
  const same = records.filter(({ id }) => id === head.id);
  return (
    same.find(({ backend, seed }) => backend.name === head.backend.name && seed === head.seed) ?? same[0]
  );
}

async function readAcknowledgements(root: string): Promise<Acknowledgement[]> {
  let text: string;
  try {
    text = await readFile(join(root, LOOSENED_FILE), 'utf8');
  } catch {
    return [];
  }
  try {
    return loosenedSchema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new GateError(
      `${LOOSENED_FILE} cannot be read: ${what}\nIt is a list of { "target", "from", "to", "reason" }, with the words that "npm run targets -- --base <revision>" prints.`,
      ExitCode.missing,
    );
  }
}
