import { meanGap } from '../gap.ts';
import { percent } from '../record.ts';
import type { Epoch, RunRecord } from '../record.ts';

/** Figures of a run over its epochs. Pure. */

/** By how much it overfits. */
export function gapOf({ epochs }: RunRecord): number {
  return meanGap(
    epochs.map(({ trainCorrect, trainTotal }) => percent(trainCorrect, trainTotal)),
    epochs.map((epoch) => percent(...testImages(epoch))),
  );
}

/** The largest loss of test accuracy between neighbours, percentage points; null if fewer than two epochs are left from `from` on. */
export function largestDrop(run: RunRecord, from: number): number | null {
  const epochs = run.epochs.slice(from - 1);
  if (epochs.length < 2) return null;
  const drops = epochs
    .slice(1)
    .map((epoch, i) => percent(...testImages(epochs[i]!)) - percent(...testImages(epoch)));
  return Math.max(0, ...drops);
}

/** Epochs `from` to `within`, both included. */
export function epochsOf(run: RunRecord, from: number, within: number): Epoch[] {
  return run.epochs.slice(from - 1, within);
}

/** The one with the fewest test images right, of equal ones the first. */
export function worstEpoch(epochs: readonly Epoch[]): Epoch {
  return epochs.reduce((a, b) => (b.testCorrect < a.testCorrect ? b : a));
}

export function testImages(epoch: Epoch): [correct: number, total: number] {
  return [epoch.testCorrect, epoch.testTotal];
}
