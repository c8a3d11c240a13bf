import type { Emit, Strided } from '../emit.ts';

export interface LossPlaces {
  /** u8 [images]: labels, and what the network takes them for. */
  readonly labels: Strided;
  readonly predictions: Strided;
}

/** Softmax cross-entropy of the logits, and its gradient: the last unit of every program. */
export function compileLoss(emit: Emit, { labels, predictions }: LossPlaces, tally: Strided): void {
  const [logits] = emit.inputs;
  const classes = logits!.shape.reduce((product, size) => product * size, 1);
  const gradient = emit.training ? emit.inputGradient(0) : undefined;
  emit.forward('crossEntropyBlock', {
    logits: logits!.at,
    logitsStride: logits!.stride,
    classes,
    labels: labels.at,
    labelsStride: labels.stride,
    predictions: predictions.at,
    predictionsStride: predictions.stride,
    order: emit.order,
    gradient: gradient?.at ?? 0,
    gradientStride: gradient?.stride ?? 0,
    tally: tally.at,
    tallyStride: tally.stride,
  });
}
