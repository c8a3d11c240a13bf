import { createHash } from 'node:crypto';
import { GateError } from '../errors.ts';
import { type Fact, mapFact, valueOr } from '../fact.ts';
import { percent } from '../record.ts';
import type { Epoch, Evidence, Field, LayerRow, RunRecord } from '../record.ts';
import { declare, judge } from './judge.ts';
import type { Measurement, TargetOptions } from './judge.ts';
import { COLUMNS, parseTable, sameTable } from './receptive-field-table.ts';
import { formatValue, Metric } from './verdict.ts';
import type { Operator, Verdict } from './verdict.ts';

/** The stock targets: each is a pure function of an evidence and a pass mark. */

/** Trainable parameters of the built model. */
export function judgeParameters(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  return judge(
    declare(evidence, Metric.parameters, operator, target, '', options),
    built(evidence, (run) => run.model.parameters),
    `${evidence.name} has ${wording(operator)} ${formatValue(target, '')} parameters`,
  );
}

/** Multiply-adds of one image through the built model. */
export function judgeMultiplyAdds(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  return judge(
    declare(evidence, Metric.multiplyAdds, operator, target, '', options),
    built(evidence, (run) => run.model.multiplyAdds),
    `${evidence.name} needs ${wording(operator)} ${formatValue(target, '')} multiply-adds an image`,
  );
}

/** Receptive field of the output, in input pixels a side. */
export function judgeReceptiveField(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  return judge(
    declare(evidence, Metric.receptiveField, operator, target, 'px', options),
    built(evidence, (run) => mapFact(run.model.receptiveField, sideThatCounts(operator, target))),
    `${evidence.name} has a receptive field of ${wording(operator)} ${target} pixels`,
  );
}

/** Every row and column of the receptive-field table; `table` is the published one in Markdown. */
export function judgeReceptiveFieldTable(
  evidence: Evidence,
  table: string,
  options: TargetOptions = {},
): Verdict {
  const expected = parseTable(table);
  const differences = evidence.runs.flatMap(
    ({ model }) => sameTable(expected, valueOr(model.receptiveFieldTable, [])) ?? [],
  );
  return judge(
    declare(evidence, Metric.receptiveFieldTable, '==', digest(expected), '', options),
    {
      ...built(evidence, (run) => mapFact(run.model.receptiveFieldTable, digest)),
      ...(differences[0] === undefined ? {} : { detail: differences[0] }),
    },
    `${evidence.name} has the receptive field of the table in every layer`,
  );
}

/** The same promise, by the digest that the lock holds. */
export function judgeReceptiveFieldDigest(
  evidence: Evidence,
  expected: string,
  options: TargetOptions = {},
): Verdict {
  return judge(
    declare(evidence, Metric.receptiveFieldTable, '==', expected, '', options),
    built(evidence, (run) => mapFact(run.model.receptiveFieldTable, digest)),
    `${evidence.name} has the receptive field of the table in every layer`,
  );
}

/** Test accuracy after the last epoch, per cent. */
export function judgeFinalTestAccuracy(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  return judge(
    declare(evidence, Metric.finalTestAccuracy, operator, target, '%', options),
    images(evidence, (run) => testImages(last(run))),
    `${evidence.name} ends with ${wording(operator)} ${target} % of the test images right`,
  );
}

/** Train accuracy of the last epoch (running mean, dropout and augmentation on), per cent. */
export function judgeFinalTrainAccuracy(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  return judge(
    declare(evidence, Metric.finalTrainAccuracy, operator, target, '%', options),
    images(evidence, (run) => [last(run).trainCorrect, last(run).trainTotal]),
    `${evidence.name} ends with ${wording(operator)} ${target} % of the training images right`,
  );
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
  const { from, within } = options;
  if (from > within)
    throw new GateError(`A target cannot hold from epoch ${from} within ${within}: give from <= within.`);
  const declared = declare(evidence, Metric.heldTestAccuracy, '>=', target, '%', options);
  const title = `${evidence.name} holds ${target} % of the test images in every epoch from ${from} to ${within}`;
  const shortest = Math.min(...evidence.runs.map((run) => run.epochs.length));
  if (shortest < within) {
    const detail = `trained for ${shortest} epochs, ${within} are promised`;
    return judge(
      declared,
      { provenance: evidence.provenance, values: evidence.runs.map(() => null), detail },
      title,
    );
  }
  const worst = evidence.runs.map((run) => worstEpoch(run.epochs.slice(from - 1, within)));
  const weakest = worst.reduce((a, b) => (b.testCorrect < a.testCorrect ? b : a));
  return judge(
    declared,
    { ...images(evidence, (_, i) => testImages(worst[i]!)), detail: `worst epoch: ${weakest.epoch}` },
    title,
  );
}

/** Train accuracy minus test accuracy, mean of the last five epochs, percentage points: above zero the model overfits. */
export function judgeGap(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  const verb = operator === '>=' || operator === '>' ? 'overfits by' : 'is ahead on the training images by';
  return judge(
    declare(evidence, Metric.gap, operator, target, 'points', options),
    measured(evidence, gapOf),
    `${evidence.name} ${verb} ${wording(operator)} ${target} points`,
  );
}

/** Epochs whose mean the gap is: at a constant learning rate a single epoch bounces by as much as the gap itself. */
const GAP_EPOCHS = 5;

/** Train minus test accuracy, mean of the last five epochs (or of all, where there are fewer), percentage points. */
export function gapOf(run: RunRecord): number {
  const gaps = run.epochs
    .slice(-GAP_EPOCHS)
    .map(
      (epoch) => percent(epoch.trainCorrect, epoch.trainTotal) - percent(epoch.testCorrect, epoch.testTotal),
    );
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
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
  learning: Learning,
  options: TargetOptions = {},
): Verdict[] {
  const { name } = evidence;
  return [
    judge(
      declare(evidence, Metric.overMajority, '>=', learning.margin, 'points', options),
      measured(evidence, overMajority),
      `${name} beats always answering the most frequent class by at least ${learning.margin} points`,
    ),
    judge(
      declare(evidence, Metric.nonFiniteLosses, '==', 0, '', options),
      measured(
        evidence,
        (run) => run.epochs.filter((e) => !Number.isFinite(e.trainLoss + e.testLoss)).length,
      ),
      `${name} has a finite loss in every epoch`,
    ),
    judge(
      declare(evidence, Metric.lossRatio, '<=', learning.lossRatio, '', options),
      measured(evidence, (run) => last(run).trainLoss / run.epochs[0]!.trainLoss),
      `${name} brings its train loss down to at most ${learning.lossRatio} of the first epoch's`,
    ),
  ];
}

/** The largest loss of test accuracy from one epoch to the next, both at or after epoch `from`, percentage points. */
export function judgeLargestDrop(
  evidence: Evidence,
  target: number,
  options: { readonly from: number } & TargetOptions,
): Verdict {
  return judge(
    declare(evidence, Metric.largestDrop, '<=', target, 'points', options),
    measured(evidence, (run) => largestDrop(run, options.from)),
    `${evidence.name} never loses more than ${target} points from one epoch to the next, from epoch ${options.from} on`,
  );
}

/** Percentage points of test accuracy; null if fewer than two epochs are left from `from` on. */
export function largestDrop(run: RunRecord, from: number): number | null {
  const epochs = run.epochs.slice(from - 1);
  if (epochs.length < 2) return null;
  const drops = epochs
    .slice(1)
    .map((epoch, i) => percent(...testImages(epochs[i]!)) - percent(...testImages(epoch)));
  return Math.max(0, ...drops);
}

/** Channels, after a non-linearity or at the output, that are constant over test images. */
export function judgeDeadChannels(
  evidence: Evidence,
  operator: Operator,
  target: number,
  options: TargetOptions = {},
): Verdict {
  const dead = evidence.runs.map(({ deadChannels }) => mapFact(deadChannels, (found) => found.dead));
  const detail = dead.flatMap((fact) => valueOr(fact, [])).join(', ');
  return judge(
    declare(evidence, Metric.deadChannels, operator, target, '', options),
    {
      provenance: evidence.provenance,
      facts: dead.map((fact) => mapFact(fact, ({ length }) => length)),
      ...(detail === '' ? {} : { detail }),
    },
    `${evidence.name} has ${wording(operator)} ${target} dead channels`,
  );
}

function overMajority(run: RunRecord): number {
  const perClass = run.confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = perClass.reduce((sum, count) => sum + count, 0);
  return percent(...testImages(last(run))) - percent(Math.max(...perClass), total);
}

function built(evidence: Evidence, fact: (run: RunRecord) => Fact<number | string>): Measurement {
  return { provenance: 'built', facts: evidence.runs.map(fact) };
}

/** Of the two axes the one that keeps the promise less well, pixels. */
function sideThatCounts(operator: Operator, target: number): (field: Field) => number {
  return ({ height, width }) => {
    if (operator === '==') return height === target ? width : height;
    return operator === '<' || operator === '<=' ? Math.max(height, width) : Math.min(height, width);
  };
}

function measured(evidence: Evidence, value: (run: RunRecord) => number | null): Measurement {
  return { provenance: evidence.provenance, values: evidence.runs.map(value) };
}

function images(evidence: Evidence, of: (run: RunRecord, index: number) => [correct: number, total: number]) {
  const counts = evidence.runs.map(of);
  const totals = new Set(counts.map(([, total]) => total));
  if (totals.size !== 1) {
    throw new GateError(
      `${evidence.name}: its runs were measured on ${[...totals].join(' and ')} images; compare like with like.`,
    );
  }
  return {
    provenance: evidence.provenance,
    correct: counts.map(([correct]) => correct),
    total: counts[0]![1],
  };
}

function testImages(epoch: Epoch): [correct: number, total: number] {
  return [epoch.testCorrect, epoch.testTotal];
}

function worstEpoch(epochs: readonly Epoch[]): Epoch {
  return epochs.reduce((a, b) => (b.testCorrect < a.testCorrect ? b : a));
}

function last(run: RunRecord): Epoch {
  return run.epochs.at(-1)!;
}

function wording(operator: Operator): string {
  return { '<': 'fewer than', '<=': 'at most', '==': 'exactly', '>=': 'at least', '>': 'more than' }[
    operator
  ];
}

/** A short name for a whole table, so that the lock holds every figure of it. */
function digest(rows: readonly LayerRow[]): string {
  const text = JSON.stringify(rows.map((row) => COLUMNS.map(([key]) => row[key])));
  return `${rows.length} rows, ${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
