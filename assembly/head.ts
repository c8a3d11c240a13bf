import { crossEntropy } from './loss';
import { Order } from './order';

/** The end of the network as a kernel of the compiled step. */

@unmanaged
export class CrossEntropy {
  logits: usize;
  logitsStride: i32;
  classes: i32;
  labels: usize;
  labelsStride: i32;
  predictions: usize;
  predictionsStride: i32;
  order: usize;
  /** 0: in evaluation. */
  gradient: usize;
  gradientStride: i32;
  tally: usize;
  tallyStride: i32;
}

export function crossEntropyBlock(d: CrossEntropy, block: i32, live: i32, shard: i32, thread: i32): void {
  const order = changetype<Order>(d.order);
  crossEntropy(
    d.logits + block * d.logitsStride,
    d.classes,
    d.labels + block * d.labelsStride,
    live,
    <f64>order.labelSmoothing,
    1 / <f64>order.images,
    d.predictions + block * d.predictionsStride,
    d.gradient + block * d.gradientStride,
    d.tally + shard * d.tallyStride,
  );
}
