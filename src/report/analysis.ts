import { describeTarget } from '../gates/verdict.ts';
import type { Target } from '../gates/verdict.ts';
import { gapOf } from '../gates/curve.ts';
import { consistentFrom, describeFact, describeField, testAccuracy, trainAccuracy } from '../record.ts';
import type { RunRecord } from '../record.ts';
import { CONSISTENT_AT } from './summary.ts';
import { markdownTable, markdownText } from './text.ts';

/**
 * What the records say of each iteration, in words. Every sentence is chosen by the figures, so that the prose
 * cannot say what was not measured.
 */

/** Points of train over test accuracy from which a model is said to overfit, and below minus which to be held back. */
export const GAP_POINTS = 0.1;
/** Points between the best and the worst of the last epochs from which the test accuracy is said to bounce. */
export const BOUNCE_POINTS = 0.15;
/** How many of the last epochs tell whether it bounces. */
const LAST_EPOCHS = 5;
const CONFUSIONS_NAMED = 3;
/** Two-sided 95 % quantile of the standard normal distribution. */
const Z_95 = 1.96;

/** One line an iteration, in the order of the records. Pure. */
export function resultsOf(records: readonly RunRecord[]): string {
  const headings = [
    'iteration',
    'parameters',
    'receptive field',
    'train %',
    'test %',
    'best test %',
    'gap',
    `${CONSISTENT_AT} % in every epoch from`,
  ];
  return markdownTable(
    headings,
    records.map((run) => [
      `${run.id}: ${run.name}`,
      describeFact(run.model.parameters),
      describeField(run.model.receptiveField),
      trainAccuracy(run).at(-1)!.toFixed(2),
      testAccuracy(run).at(-1)!.toFixed(2),
      Math.max(...testAccuracy(run)).toFixed(2),
      signed(gapOf(run)),
      String(consistentFrom(run, CONSISTENT_AT) ?? 'not consistent'),
    ]),
  );
}

/** Target, result and analysis of each iteration. `records` are in order: each is compared with the one before. Pure. */
export function analysisOf(records: readonly RunRecord[], targets: readonly Target[]): string {
  return records.map((run, i) => sectionOf(run, records[i - 1], targets)).join('\n\n');
}

function sectionOf(run: RunRecord, before: RunRecord | undefined, targets: readonly Target[]): string {
  const own = targets.filter(({ iteration }) => iteration === run.id);
  const promised = own.map((target) => markdownText(describeTarget(target))).join('; ');
  const sentences = [
    gapSentence(run),
    consistencySentence(run),
    bounceSentence(run),
    confusionSentence(run),
    ...(before ? [changeSentence(run, before)] : []),
  ];
  return [
    `### ${markdownText(run.id)}: ${markdownText(run.name)}`,
    `- **Target:** ${promised || 'none'}`,
    `- **Result:** ${resultSentence(run)}`,
    `- **Analysis:** ${sentences.join(' ')}`,
  ].join('\n');
}

function resultSentence(run: RunRecord): string {
  const [train, test] = [trainAccuracy(run), testAccuracy(run)];
  const best = Math.max(...test);
  return (
    `${describeFact(run.model.parameters)} parameters, receptive field ${describeField(run.model.receptiveField)}; ` +
    `train accuracy ${train.at(-1)!.toFixed(2)} %, test accuracy ${test.at(-1)!.toFixed(2)} % after ${run.epochs.length} epochs ` +
    `(best ${best.toFixed(2)} % after epoch ${test.indexOf(best) + 1}); seed ${run.seed}, backend ${markdownText(run.backend.name)}.`
  );
}

/** Whether the model overfits, is held back, or neither. */
export function gapSentence(run: RunRecord): string {
  const gap = gapOf(run);
  const points = Math.abs(gap).toFixed(2);
  if (gap > GAP_POINTS)
    return `It overfits: over the last five epochs train accuracy is ${points} points above test accuracy.`;
  if (gap < -GAP_POINTS) {
    return `It does not overfit: over the last five epochs test accuracy is ${points} points above train accuracy, which is measured while training is made harder.`;
  }
  return `It does not overfit: over the last five epochs train and test accuracy are ${points} points apart.`;
}

/** From which epoch on the target is held, or how often it is missed. */
export function consistencySentence(run: RunRecord): string {
  const from = consistentFrom(run, CONSISTENT_AT);
  const { length } = run.epochs;
  if (from !== undefined)
    return `Test accuracy is at or above ${CONSISTENT_AT} % in every epoch from ${from} to ${length}.`;
  const reached = testAccuracy(run).filter((accuracy) => accuracy >= CONSISTENT_AT).length;
  return reached === 0
    ? `Test accuracy never reaches ${CONSISTENT_AT} %.`
    : `It is not consistent: test accuracy reaches ${CONSISTENT_AT} % in ${reached} of ${length} epochs, and not in the last.`;
}

/** How far test accuracy swings in the last epochs. */
export function bounceSentence(run: RunRecord): string {
  const last = testAccuracy(run).slice(-LAST_EPOCHS);
  const [low, high] = [Math.min(...last), Math.max(...last)];
  const range = `between ${low.toFixed(2)} and ${high.toFixed(2)} %`;
  return high - low > BOUNCE_POINTS
    ? `It bounces: over the last ${last.length} epochs test accuracy swings ${range}.`
    : `It is steady: over the last ${last.length} epochs test accuracy stays ${range}.`;
}

/** The most frequent mistakes on the test images. */
export function confusionSentence(run: RunRecord): string {
  const mistakes = run.confusion.flatMap((row, truth) =>
    row
      .map((count, answer) => ({ truth, answer, count }))
      .filter(({ answer, count }) => answer !== truth && count > 0),
  );
  if (mistakes.length === 0) return 'It makes no mistake on the test images.';
  const worst = mistakes.toSorted((a, b) => b.count - a.count).slice(0, CONFUSIONS_NAMED);
  return `Most frequent mistakes: ${worst.map(({ truth, answer, count }) => `${truth} read as ${answer} (${count})`).join(', ')}.`;
}

/** What changed against the iteration before, and whether the test set can tell. */
export function changeSentence(run: RunRecord, before: RunRecord): string {
  const [now, then] = [testAccuracy(run).at(-1)!, testAccuracy(before).at(-1)!];
  const change = now - then;
  const noise =
    Math.abs(change) < samplingError(run, before) ? ' (within the sampling error of the test set)' : '';
  return `Against ${markdownText(before.id)}: test accuracy ${signed(change)} points${noise}, gap ${signed(gapOf(run) - gapOf(before))} points.`;
}

/**
 * 95 % half width of the difference of two accuracies, points, as if measured on two test sets: on one and the same
 * set it is at most that. https://en.wikipedia.org/wiki/Two-proportion_Z-test
 */
function samplingError(a: RunRecord, b: RunRecord): number {
  const variance = [a, b]
    .map((run) => run.epochs.at(-1)!)
    .map(
      ({ testCorrect, testTotal }) => ((testCorrect / testTotal) * (1 - testCorrect / testTotal)) / testTotal,
    )
    .reduce((sum, each) => sum + each, 0);
  return 100 * Z_95 * Math.sqrt(variance);
}

function signed(value: number): string {
  const text = value.toFixed(2);
  return Number(text) > 0 ? `+${text}` : text === '-0.00' ? '0.00' : text;
}
