/** Epochs whose mean the gap is: at a constant learning rate a single epoch bounces by as much as the gap itself. */
const GAP_EPOCHS = 5;

/**
 * Train minus test accuracy, mean of the last five epochs (or of all, where there are fewer), percentage points: above zero the
 * network overfits. Both per cent, one an epoch.
 */
export function meanGap(train: readonly number[], test: readonly number[]): number {
  const gaps = train.map((accuracy, epoch) => accuracy - test[epoch]!).slice(-GAP_EPOCHS);
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
}
