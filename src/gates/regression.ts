import { mapFact, valueOr } from '../fact.ts';
import { consistentFrom, percent, smallestSide, testAccuracy } from '../record.ts';
import type { RunRecord } from '../record.ts';

/** How far a figure may get worse than at the base, in its unit: beyond `warn` it is shown, beyond `fail` it is red. */
export interface Threshold {
  readonly warn: number;
  readonly fail: number;
}

export type ComparedMetric =
  | 'parameters'
  | 'receptive field'
  | 'final test accuracy'
  | 'mean test accuracy'
  | 'consistent from'
  | 'seconds';

export interface Comparison {
  readonly iteration: string;
  readonly metric: ComparedMetric;
  readonly unit: string;
  readonly base: number | null;
  readonly head: number | null;
  /** Above zero: better, below zero: worse, in the unit; null: not comparable. */
  readonly gain: number | null;
  readonly status: 'same' | 'better' | 'worse' | 'warn' | 'regression' | 'reported' | 'not comparable';
  readonly reason?: string;
}

/**
 * The standard error of an accuracy of 99.5 % over 10,000 images is 0.07 points: smaller differences mean nothing.
 * Wall-clock time on a shared machine means little: it is reported and never judged.
 */
const THRESHOLDS: Readonly<Record<ComparedMetric, Threshold>> = {
  parameters: { warn: 0, fail: 400 },
  'receptive field': { warn: 0, fail: 3 },
  'final test accuracy': { warn: 0.07, fail: 0.15 },
  'mean test accuracy': { warn: 0.1, fail: 0.3 },
  'consistent from': { warn: 0, fail: 2 },
  seconds: { warn: Infinity, fail: Infinity },
};

interface Figure {
  readonly metric: ComparedMetric;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly value: (run: RunRecord, target: number) => number | null;
  /** Needs the same backend, data and seed. */
  readonly measured: boolean;
}

const FIGURES: readonly Figure[] = [
  {
    metric: 'parameters',
    unit: '',
    better: 'lower',
    measured: false,
    value: (run) => valueOr(run.model.parameters, null),
  },
  {
    metric: 'receptive field',
    unit: 'px',
    better: 'higher',
    measured: false,
    value: (run) => valueOr(mapFact(run.model.receptiveField, smallestSide), null),
  },
  { metric: 'final test accuracy', unit: 'points', better: 'higher', measured: true, value: final },
  { metric: 'mean test accuracy', unit: 'points', better: 'higher', measured: true, value: mean },
  {
    metric: 'consistent from',
    unit: 'epochs',
    better: 'lower',
    measured: true,
    // A run that never gets there counts as one epoch after its last, so that getting worse stays visible.
    value: (run, target) => consistentFrom(run, target) ?? run.epochs.length + 1,
  },
  { metric: 'seconds', unit: 's', better: 'lower', measured: true, value: (run) => run.seconds },
];

export interface ComparisonOptions {
  /** Per cent that "consistent from" speaks of. */
  readonly consistentAt: number;
  readonly thresholds?: Partial<Record<ComparedMetric, Threshold>>;
}

/** One iteration's record at the base and at the head, figure by figure. `base` undefined: the iteration is new. Pure. */
export function compareRecords(
  base: RunRecord | undefined,
  head: RunRecord,
  options: ComparisonOptions,
): Comparison[] {
  return FIGURES.map((figure) => {
    const { metric, unit } = figure;
    const headValue = figure.value(head, options.consistentAt);
    const row = { iteration: head.id, metric, unit, head: headValue };
    const reason = base === undefined ? 'not at the base' : figure.measured ? unlike(base, head) : undefined;
    const baseValue = base ? figure.value(base, options.consistentAt) : null;
    if (reason !== undefined || baseValue === null || headValue === null) {
      return { ...row, base: baseValue, gain: null, status: 'not comparable', reason: reason ?? 'no figure' };
    }
    const difference = figure.better === 'higher' ? headValue - baseValue : baseValue - headValue;
    const gain = Math.round(difference * 1e9) / 1e9;
    const status =
      metric === 'seconds' ? 'reported' : judgeGain(gain, options.thresholds?.[metric] ?? THRESHOLDS[metric]);
    return { ...row, base: baseValue, gain, status };
  });
}

function judgeGain(gain: number, { warn, fail }: Threshold): Comparison['status'] {
  if (gain >= 0) return gain === 0 ? 'same' : 'better';
  if (-gain > fail) return 'regression';
  return -gain > warn ? 'warn' : 'worse';
}

/** Why two records' accuracies cannot be compared; undefined if they can. */
function unlike(base: RunRecord, head: RunRecord): string | undefined {
  if (base.backend.name !== head.backend.name)
    return `backend ${base.backend.name} against ${head.backend.name}`;
  if (base.data.sha256 !== head.data.sha256)
    return `other data (${base.data.name} against ${head.data.name})`;
  if (base.seed !== head.seed) return `seed ${base.seed} against ${head.seed}`;
  return base.epochs.length === head.epochs.length
    ? undefined
    : `${base.epochs.length} epochs against ${head.epochs.length}`;
}

function final(run: RunRecord): number {
  const { testCorrect, testTotal } = run.epochs.at(-1)!;
  return percent(testCorrect, testTotal);
}

function mean(run: RunRecord): number {
  const accuracies = testAccuracy(run);
  return accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
}
