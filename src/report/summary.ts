import { z } from 'zod';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { exitCodeOf, highest, isRed } from '../gates/exit-code.ts';
import { unacknowledged } from '../gates/loosening.ts';
import type { TargetChange } from '../gates/loosening.ts';
import type { Comparison as BaseComparison } from '../gates/regression.ts';
import { promisedLine } from '../gates/promised-line.ts';
import { verdictSchema } from '../gates/verdict.ts';
import type { Target, Verdict } from '../gates/verdict.ts';
import { gapOf } from '../gates/curve.ts';
import { consistentFrom, misreadSchema, modelFactsSchema, testAccuracy, trainAccuracy } from '../record.ts';
import type { Evidence, RunRecord } from '../record.ts';

/**
 * `reports/summary.json`: what a run promised, measured and concluded. Versioned: a field may be added under the same
 * `schema`; a changed or removed one raises the number.
 */

const SUMMARY_SCHEMA = 'codecodecode/summary@2';

const exitCodeSchema = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
const count = z.number().int().nonnegative();
const perCent = z.number().min(0).max(100);

const curveSchema = z.object({
  seed: count,
  /** Per cent, one an epoch: running mean of the epoch, dropout and augmentation on. */
  trainAccuracy: z.array(perCent),
  /** Per cent, one an epoch: all test images after the epoch. */
  testAccuracy: z.array(perCent),
  /** First epoch from which every test accuracy reaches `consistentAt`; null: none. */
  consistentFrom: z.number().int().positive().nullable(),
  /** Train minus test accuracy over the last epochs, points. */
  gap: z.number(),
  /** At the end of every epoch; empty where it was not a number. */
  learningRate: z.array(z.number()),
  seconds: z.number().nonnegative(),
});

/** The figures of the first run; `runs` holds those of every seed. Null: the iteration was not measured. */
const measuredSchema = curveSchema.extend({
  ...modelFactsSchema.shape,
  confusion: z.array(z.array(count)),
  consistentAt: perCent,
  provenance: z.enum(['trained', 'replayed', 're-evaluated', 'recorded']),
  note: z.string(),
  backend: z.object({ name: z.string(), reason: z.string() }),
  runs: z.array(curveSchema),
  /** Per cent, one an epoch: test accuracy of the first run at the base; absent: there is no base, or it has no such run. */
  baseTestAccuracy: z.array(perCent).optional(),
  /** Test images that the first run reads wrongly, the surest first; absent: the images were not at hand. */
  misread: z.array(misreadSchema).optional(),
});

const iterationSchema = z
  .object({ id: z.string(), name: z.string(), targets: z.array(verdictSchema) })
  .and(z.union([measuredSchema, z.object({ provenance: z.null() })]));

export const summarySchema = z.object({
  schema: z.literal(SUMMARY_SCHEMA),
  verdict: z.object({
    status: z.enum(['pass', 'fail']),
    exitCode: exitCodeSchema,
    title: z.string(),
  }),
  backend: z.object({ name: z.string(), reason: z.string() }),
  iterations: z.array(iterationSchema),
  /** How the targets differ from those of the base; empty without a base. */
  targetChanges: z.array(
    z.object({
      target: z.string(),
      kind: z.enum(['loosened', 'removed', 'tightened', 'added']),
      from: z.string(),
      to: z.string(),
      reason: z.string().optional(),
    }),
  ),
  /** How the records differ from those of the base; empty without a base. */
  comparisons: z.array(
    z.object({
      iteration: z.string(),
      metric: z.string(),
      unit: z.string(),
      base: z.number().nullable(),
      head: z.number().nullable(),
      gain: z.number().nullable(),
      status: z.enum(['same', 'better', 'worse', 'warn', 'regression', 'reported', 'not comparable']),
      reason: z.string().optional(),
    }),
  ),
  /** What the judge found beside the rows, and the exit code that each asks for; none where no judge spoke. */
  findings: z
    .array(z.object({ iteration: z.string().optional(), cause: z.string(), exitCode: exitCodeSchema }))
    .default([]),
  /** One line each: what else a reader should know (partial run, new targets, ...). */
  notices: z.array(z.string()),
});
export type Summary = z.infer<typeof summarySchema>;
export type IterationSummary = Summary['iterations'][number];
export type Comparison = Summary['comparisons'][number];
export type MeasuredIteration = IterationSummary & z.infer<typeof measuredSchema>;

/** A summary from its text. Throws GateError, with what is wrong, where it is none of this version; `where` names it. */
export function parseSummary(text: string, where: string): Summary {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GateError(`${where} is not JSON (${messageOf(error)}). Run the gate (npm test) again.`);
  }
  const parsed = summarySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new GateError(
    `${where} is not a summary of this version: ${z.prettifyError(parsed.error)}\nRun the gate (npm test) again.`,
  );
}

export interface SummaryInput {
  readonly rows: readonly Verdict[];
  /** All that the lock promises, also what has no row; absent: the rows. */
  readonly promised?: readonly Target[] | undefined;
  readonly evidences: readonly Evidence[];
  readonly notices: readonly string[];
  readonly targetChanges?: readonly TargetChange[];
  readonly comparisons?: readonly BaseComparison[];
  /** Of the base, those of the same iterations: their curves are drawn beside. */
  readonly baseRecords?: readonly RunRecord[];
  readonly findings?: readonly Summary['findings'][number][];
  /** Tests that failed without a red row: a broken spec is red too. */
  readonly failedTests: number;
  /** Errors that no test threw; absent: none. */
  readonly strayErrors?: number;
}

/** Rows and evidences as one document with its verdict. Pure. */
export function summarize(input: SummaryInput): Summary {
  const { rows, promised = rows, evidences, targetChanges = [], comparisons = [] } = input;
  const ids = new Set([...evidences.map(({ id }) => id), ...rows.map(({ iteration }) => iteration)]);
  const ordered = [...ids].toSorted(new Intl.Collator('en', { numeric: true }).compare);
  const rowsOf = new Map<string, Verdict[]>(ordered.map((id) => [id, []]));
  for (const row of rows) rowsOf.get(row.iteration)!.push(row);
  return {
    schema: SUMMARY_SCHEMA,
    verdict: verdictOf(input),
    backend: backendOf(evidences),
    iterations: ordered.map((id) => {
      const targets = rowsOf.get(id)!;
      const evidence = evidences.find((candidate) => candidate.id === id);
      return evidence
        ? { ...describeEvidence(evidence, targets, promised), ...baseCurveOf(evidence, input.baseRecords) }
        : { id, name: id, provenance: null, targets };
    }),
    targetChanges: [...targetChanges],
    comparisons: [...comparisons],
    findings: [...(input.findings ?? [])],
    notices: [...input.notices],
  };
}

/** What a run leaves that could not be concluded: red, so that no artefact of it says otherwise. Pure. */
export function brokenSummary(message: string, exitCode: ExitCode): Summary {
  const input = { rows: [], evidences: [], notices: [message], failedTests: 0 };
  return { ...summarize(input), verdict: { status: 'fail', exitCode, title: message.split('\n', 1)[0]! } };
}

/** True if the iteration has figures, not only promises. */
export function isMeasured(iteration: IterationSummary): iteration is MeasuredIteration {
  return iteration.provenance !== null;
}

function verdictOf({
  rows,
  targetChanges = [],
  comparisons = [],
  findings = [],
  failedTests,
  strayErrors = 0,
}: SummaryInput): Summary['verdict'] {
  const red = rows.filter(isRed);
  const loosened = unacknowledged(targetChanges);
  const regressions = comparisons.filter(({ status }) => status === 'regression');
  const exitCode = highest([
    exitCodeOf(rows),
    loosened.length > 0 ? ExitCode.missing : ExitCode.ok,
    regressions.length > 0 ? ExitCode.regression : ExitCode.ok,
    failedTests + strayErrors > 0 ? ExitCode.targetFailed : ExitCode.ok,
    ...findings.map(({ exitCode }) => exitCode),
  ]);
  const counts = [...new Set(red.map(({ status }) => status))].map(
    (status) => `${red.filter((row) => row.status === status).length} ${status}`,
  );
  if (loosened.length > 0) counts.push(`${loosened.length} loosened or removed`);
  if (regressions.length > 0) counts.push(`${regressions.length} regressed`);
  if (findings.length > 0) counts.push(`${findings.length} found by the judge`);
  if (strayErrors > 0)
    counts.push(`${strayErrors} ${strayErrors === 1 ? 'error' : 'errors'} outside of tests`);
  if (failedTests > 0) counts.push(`${failedTests} other ${failedTests === 1 ? 'test' : 'tests'} failed`);
  const recorded = rows.filter((row) => row.provenance === 'recorded' && !isRed(row)).length;
  const targets = rows.length === 1 ? '1 target' : `${rows.length} targets`;
  const title =
    counts.length > 0
      ? `${counts.join(', ')} of ${targets}`
      : `${targets} met${recorded > 0 ? `, ${recorded} of them recorded, not re-measured` : ''}`;
  return { status: exitCode === ExitCode.ok ? 'pass' : 'fail', exitCode, title };
}

/** Like is compared with like: of the first run, on the same backend. */
function baseCurveOf({ runs: [first] }: Evidence, records: readonly RunRecord[] = []) {
  const base = records.find(
    ({ id, seed, backend }) => id === first?.id && seed === first.seed && backend.name === first.backend.name,
  );
  return base && { baseTestAccuracy: testAccuracy(base) };
}

/** An iteration by its figures, with what it promises: promises alone, or verdicts. */
export type Described<T extends Target = Target> = Omit<MeasuredIteration, 'targets'> & {
  readonly targets: readonly T[];
};

/** The figures of an evidence beside the targets of its iteration, which is one of those that `all` are of. Pure. */
export function describeEvidence<T extends Target>(
  evidence: Evidence,
  targets: readonly T[],
  all: readonly Target[] = targets,
) {
  const [first] = evidence.runs as [RunRecord, ...RunRecord[]];
  const consistentAt = promisedLine(targets, all);
  return {
    id: evidence.id,
    name: evidence.name,
    ...first.model,
    ...curve(first, consistentAt),
    consistentAt,
    provenance: evidence.provenance,
    note: evidence.note,
    backend: { name: first.backend.name, reason: first.backend.reason },
    confusion: first.confusion,
    runs: evidence.runs.map((run) => curve(run, consistentAt)),
    ...(evidence.misread ? { misread: [...evidence.misread] } : {}),
    targets: [...targets],
  };
}

function curve(run: RunRecord, consistentAt: number): z.infer<typeof curveSchema> {
  const learningRate = run.epochs.map((epoch) => epoch.learningRate);
  return {
    seed: run.seed,
    trainAccuracy: trainAccuracy(run),
    testAccuracy: testAccuracy(run),
    consistentFrom: consistentFrom(run, consistentAt) ?? null,
    gap: gapOf(run),
    learningRate: learningRate.every(Number.isFinite) ? learningRate : [],
    seconds: run.seconds,
  };
}

function backendOf(evidences: readonly Evidence[]): Summary['backend'] {
  const backends = evidences.flatMap(({ backend, runs }) =>
    backend ? [backend] : runs.map((run) => run.backend),
  );
  const names = [...new Set(backends.map(({ name }) => name))];
  const reasons = [...new Set(backends.map(({ reason }) => reason))];
  if (names.length === 0) return { name: 'none', reason: 'nothing was measured' };
  return { name: names.join(', '), reason: reasons.join('; ') };
}
