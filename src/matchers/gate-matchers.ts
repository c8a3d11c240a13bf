import type { TargetOptions } from '../gates/declare.ts';
import type { Learning, Window } from '../gates/stock-targets.ts';

/**
 * What a spec can promise: `expect(evidence).toEndAtOrAbove(95)`. Where evidence has several runs, the worst is judged, unless the
 * options say otherwise. Accuracies are in per cent, differences of them in points.
 */
export interface GateMatchers {
  /** Exactly so many trainable parameters. */
  toHaveParameters(count: number, options?: TargetOptions): void;
  /** Fewer trainable parameters than `count`. */
  toHaveFewerParametersThan(count: number, options?: TargetOptions): void;
  /** Multiply-adds of one image through the model. */
  toNeedAtMostMultiplyAdds(count: number, options?: TargetOptions): void;
  /** Receptive field of the output, in input pixels a side; where the axes differ, of the side that keeps the promise less well. */
  toHaveReceptiveField(pixels: number, options?: TargetOptions): void;
  /** Every row and column of the receptive-field table, given in Markdown. */
  toHaveReceptiveFieldTable(table: string, options?: TargetOptions): void;
  /** Test accuracy after the last epoch. */
  toEndAtOrAbove(perCent: number, options?: TargetOptions): void;
  /** Train accuracy of the last epoch, at least. */
  toReachTrainAccuracy(perCent: number, options?: TargetOptions): void;
  /** Train accuracy of the last epoch, below. */
  toStayBelowTrainAccuracy(perCent: number, options?: TargetOptions): void;
  /** Test accuracy in every epoch of a window. A run that ends before `within` does not keep the promise. */
  toHoldTestAccuracy(perCent: number, options: Window & TargetOptions): void;
  /** Train accuracy minus test accuracy, mean of the last five epochs, at least: that a network does overfit. */
  toOverfitByAtLeast(points: number, options?: TargetOptions): void;
  /** Train accuracy minus test accuracy, mean of the last five epochs, at most. */
  toOverfitByAtMost(points: number, options?: TargetOptions): void;
  /** Three targets: it beats the most frequent class, every loss is finite, and the train loss falls. */
  toLearn(learning: Learning, options?: TargetOptions): void;
  /** No channel, after a non-linearity or at the output, that is constant over test images. */
  toHaveNoDeadChannels(options?: TargetOptions): void;
  /** The largest loss of test accuracy from one epoch to the next, both at or after epoch `from`. */
  toNeverDropByMoreThan(points: number, options: { readonly from: number } & TargetOptions): void;
}
