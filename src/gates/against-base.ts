import { mapFact, valueOr } from '../fact.ts';
import { percent, smallestSide, testAccuracy, trainAccuracy } from '../record.ts';
import type { RunRecord } from '../record.ts';
import { gapOf, largestDrop } from './curve.ts';
import { Metric } from './verdict.ts';
import type { Verdict } from './verdict.ts';

type BaseValue = (run: RunRecord, row: Verdict) => number | null | undefined;

/** What each metric was at the base; metrics that are not here are shown without a base. */
const BASE_VALUE: Readonly<Record<string, BaseValue>> = {
  [Metric.parameters]: (run) => valueOr(run.model.parameters, null),
  [Metric.multiplyAdds]: (run) => valueOr(run.model.multiplyAdds, null),
  [Metric.receptiveField]: (run) => valueOr(mapFact(run.model.receptiveField, smallestSide), null),
  [Metric.finalTestAccuracy]: (run) => testAccuracy(run).at(-1),
  [Metric.finalTrainAccuracy]: (run) => trainAccuracy(run).at(-1),
  [Metric.heldTestAccuracy]: (run, row) => worstOf(run, row.from ?? 1, row.within ?? run.epochs.length),
  [Metric.gap]: gapOf,
  [Metric.largestDrop]: (run, row) => largestDrop(run, row.from ?? 1),
};

/** The rows with the value of the base's record of the same iteration beside the measured one. Pure. */
export function withBase(rows: readonly Verdict[], records: readonly RunRecord[]): Verdict[] {
  return rows.map((row) => {
    const run = records.find((candidate) => candidate.id === row.iteration);
    const base = run && BASE_VALUE[row.metric.replace(/ \(.*\)$/, '')]?.(run, row);
    return typeof base === 'number' && Number.isFinite(base) ? { ...row, base } : row;
  });
}

function worstOf(run: RunRecord, from: number, within: number): number {
  const window = run.epochs.slice(from - 1, within);
  return Math.min(...window.map(({ testCorrect, testTotal }) => percent(testCorrect, testTotal)));
}
