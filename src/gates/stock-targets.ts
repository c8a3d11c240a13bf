import { valueOr } from '../fact.ts';
import type { Evidence } from '../record.ts';
import { declare } from './declare.ts';
import type { TargetOptions } from './declare.ts';
import { judgeTarget } from './judge-target.ts';
import { digest, parseTable, sameTable } from './receptive-field-table.ts';
import { Metric } from './verdict.ts';
import type { Operator, Verdict } from './verdict.ts';

/** The stock targets, one function each: a promise out of its parts, judged by `judgeTarget`. Pure. */

type StockTarget = (
  evidence: Evidence,
  operator: Operator,
  target: number,
  options?: TargetOptions,
) => Verdict;

function on(metric: string, unit: string): StockTarget {
  return (evidence, operator, target, options) =>
    judgeTarget(declare(evidence, metric, operator, target, unit, options), evidence);
}

/** Trainable parameters of the built model. */
export const judgeParameters = on(Metric.parameters, '');

/** Multiply-adds of one image through the built model. */
export const judgeMultiplyAdds = on(Metric.multiplyAdds, '');

/** Receptive field of the output, in input pixels a side; where the axes differ, the side that keeps the promise less well. */
export const judgeReceptiveField = on(Metric.receptiveField, 'px');

/** Test accuracy after the last epoch, per cent. */
export const judgeFinalTestAccuracy = on(Metric.finalTestAccuracy, '%');

/** Train accuracy of the last epoch (running mean, dropout and augmentation on), per cent. */
export const judgeFinalTrainAccuracy = on(Metric.finalTrainAccuracy, '%');

/** Train accuracy minus test accuracy, mean of the last five epochs, percentage points: above zero the model overfits. */
export const judgeGap = on(Metric.gap, 'points');

/** Channels, after a non-linearity or at the output, that are constant over test images. */
export const judgeDeadChannels = on(Metric.deadChannels, '');

/** Every row and column of the receptive-field table; `table` is the published one in Markdown. */
export function judgeReceptiveFieldTable(
  evidence: Evidence,
  table: string,
  options: TargetOptions = {},
): Verdict {
  const expected = parseTable(table);
  const row = judgeReceptiveFieldDigest(evidence, digest(expected), options);
  if (row.status === 'refused' || row.detail !== undefined) return row;
  const differences = evidence.runs.flatMap(
    ({ model }) => sameTable(expected, valueOr(model.receptiveFieldTable, [])) ?? [],
  );
  return differences[0] === undefined ? row : { ...row, detail: differences[0] };
}

/** As `judgeReceptiveFieldTable`, of a table by its digest, as the lock has it. */
function judgeReceptiveFieldDigest(evidence: Evidence, table: string, options: TargetOptions = {}): Verdict {
  return judgeTarget(declare(evidence, Metric.receptiveFieldTable, '==', table, '', options), evidence);
}

/** Which epochs a curve target speaks of: `from` to `within`, both included. */
export interface Window {
  readonly from: number;
  readonly within: number;
}

/** Test accuracy of the worst epoch of a window, per cent. A run that ends before `within` does not keep the promise. */
export function judgeHeldTestAccuracy(
  evidence: Evidence,
  target: number,
  options: Window & TargetOptions,
): Verdict {
  return judgeTarget(declare(evidence, Metric.heldTestAccuracy, '>=', target, '%', options), evidence);
}

/** What learning means at the least. */
export interface Learning {
  /** Points of test accuracy over always answering the most frequent class. */
  readonly margin: number;
  /** Train loss of the last epoch over that of the first. */
  readonly lossRatio: number;
}

/** Three rows: it beats the trivial model, every loss is finite, and the train loss falls. */
export function judgeLearning(
  evidence: Evidence,
  { margin, lossRatio }: Learning,
  options: TargetOptions = {},
): Verdict[] {
  return [
    on(Metric.overMajority, 'points')(evidence, '>=', margin, options),
    on(Metric.nonFiniteLosses, '')(evidence, '==', 0, options),
    on(Metric.lossRatio, '')(evidence, '<=', lossRatio, options),
  ];
}

/** The largest loss of test accuracy from one epoch to the next, both at or after epoch `from`, percentage points. */
export function judgeLargestDrop(
  evidence: Evidence,
  target: number,
  options: { readonly from: number } & TargetOptions,
): Verdict {
  return judgeTarget(declare(evidence, Metric.largestDrop, '<=', target, 'points', options), evidence);
}
