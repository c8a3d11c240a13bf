import type { Target } from '../gates/verdict.ts';
import { describeFact, describeField } from '../record.ts';
import { promiseOf } from './promise.ts';
import type { Described } from './summary.ts';
import { oneLine } from './text.ts';

/**
 * What the figures say of each iteration, in words. Every sentence is chosen by the figures, so that the prose cannot say
 * what was not measured. Plain text: who puts it into Markdown or HTML escapes it.
 */

/** Points of train over test accuracy from which a model is said to overfit, and below minus which to be held back. */
const GAP_POINTS = 0.1;
/** Points between the best and the worst of the last epochs from which the test accuracy is said to bounce. */
const BOUNCE_POINTS = 0.15;
/** How many of the last epochs tell whether it bounces. */
const LAST_EPOCHS = 5;
const CONFUSIONS_NAMED = 3;
/** Two-sided 95 % quantile of the standard normal distribution. */
const Z_95 = 1.96;
const NAME = 120;

/** "parameters < 8,000; receptive field = 28 px; ...", or "none". */
export function targetSentence(targets: readonly Target[]): string {
  return targets.map((target) => promiseOf(target, targets)).join('; ') || 'none';
}

/** Size, field and what the first run ends with. */
export function resultSentence(iteration: Described): string {
  const { parameters, receptiveField, trainAccuracy, testAccuracy, seed, backend } = iteration;
  const best = Math.max(...testAccuracy);
  return (
    `${describeFact(parameters)} parameters, receptive field ${describeField(receptiveField)}; ` +
    `train accuracy ${lastOf(trainAccuracy)} %, test accuracy ${lastOf(testAccuracy)} % after ${testAccuracy.length} epochs ` +
    `(best ${best.toFixed(2)} % after epoch ${testAccuracy.indexOf(best) + 1}); seed ${seed}, backend ${oneLine(backend.name, NAME)}.`
  );
}

/** What the first run teaches, and what changed against the iteration before it. */
export function analysisSentences(iteration: Described, before?: Described): string[] {
  return [
    gapSentence(iteration),
    consistencySentence(iteration),
    bounceSentence(iteration),
    confusionSentence(iteration),
    ...(before ? [changeSentence(iteration, before)] : []),
  ];
}

/** Whether the model overfits, is held back, or neither. */
export function gapSentence({ gap }: Pick<Described, 'gap'>): string {
  const points = Math.abs(gap).toFixed(2);
  if (gap > GAP_POINTS)
    return `It overfits: over the last five epochs train accuracy is ${points} points above test accuracy.`;
  if (gap < -GAP_POINTS) {
    return `It does not overfit: over the last five epochs test accuracy is ${points} points above train accuracy, which is measured while training is made harder.`;
  }
  return `It does not overfit: over the last five epochs train and test accuracy are ${points} points apart.`;
}

type Curve = Pick<Described, 'testAccuracy' | 'consistentAt' | 'consistentFrom'>;

/** From which epoch on the target is held, or how often it is missed. */
export function consistencySentence({ testAccuracy, consistentAt, consistentFrom }: Curve): string {
  const { length } = testAccuracy;
  if (consistentFrom !== null)
    return `Test accuracy is at or above ${consistentAt} % in every epoch from ${consistentFrom} to ${length}.`;
  const reached = testAccuracy.filter((accuracy) => accuracy >= consistentAt).length;
  return reached === 0
    ? `Test accuracy never reaches ${consistentAt} %.`
    : `It is not consistent: test accuracy reaches ${consistentAt} % in ${reached} of ${length} epochs, and not in the last.`;
}

/** How far test accuracy swings in the last epochs. */
export function bounceSentence({ testAccuracy }: Pick<Described, 'testAccuracy'>): string {
  const last = testAccuracy.slice(-LAST_EPOCHS);
  const [low, high] = [Math.min(...last), Math.max(...last)];
  const range = `between ${low.toFixed(2)} and ${high.toFixed(2)} %`;
  return high - low > BOUNCE_POINTS
    ? `It bounces: over the last ${last.length} epochs test accuracy swings ${range}.`
    : `It is steady: over the last ${last.length} epochs test accuracy stays ${range}.`;
}

/** The most frequent mistakes on the test images. */
export function confusionSentence({ confusion }: Pick<Described, 'confusion'>): string {
  const mistakes = confusion.flatMap((row, truth) =>
    row
      .map((count, answer) => ({ truth, answer, count }))
      .filter(({ answer, count }) => answer !== truth && count > 0),
  );
  if (mistakes.length === 0) return 'It makes no mistake on the test images.';
  const worst = mistakes.toSorted((a, b) => b.count - a.count).slice(0, CONFUSIONS_NAMED);
  return `Most frequent mistakes: ${worst.map(({ truth, answer, count }) => `${truth} read as ${answer} (${count})`).join(', ')}.`;
}

/** What changed against the iteration before, and whether the test set can tell. */
export function changeSentence(iteration: Described, before: Described): string {
  const [now, then] = [iteration, before].map(({ testAccuracy }) => testAccuracy.at(-1) ?? 0) as [
    number,
    number,
  ];
  const change = now - then;
  const noise =
    Math.abs(change) < samplingError(iteration, before) ? ' (within the sampling error of the test set)' : '';
  return `Against ${oneLine(before.id, NAME)}: test accuracy ${signed(change)} points${noise}, gap ${signed(iteration.gap - before.gap)} points.`;
}

/**
 * 95 % half width of the difference of two accuracies, points, as if measured on two test sets: on one and the same
 * set it is at most that. https://en.wikipedia.org/wiki/Two-proportion_Z-test
 */
function samplingError(a: Described, b: Described): number {
  const variance = [a, b]
    .map(({ testAccuracy, confusion }) => {
      const share = (testAccuracy.at(-1) ?? 0) / 100;
      const images = confusion.flat().reduce((sum, count) => sum + count, 0);
      return (share * (1 - share)) / images;
    })
    .reduce((sum, each) => sum + each, 0);
  return 100 * Z_95 * Math.sqrt(variance);
}

function lastOf(accuracy: readonly number[]): string {
  return (accuracy.at(-1) ?? 0).toFixed(2);
}

/** "+0.12", "-0.04", "0.00". */
export function signed(value: number): string {
  const text = value.toFixed(2);
  return Number(text) > 0 ? `+${text}` : text === '-0.00' ? '0.00' : text;
}
