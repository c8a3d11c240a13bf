import { LANES } from './layout';
import { crossEntropy } from './loss';
import { Order } from './order';

/** The end of the network, and small things between blocks, as kernels of the compiled step. */

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

@unmanaged
export class Average {
  input: usize;
  inputStride: i32;
  pixels: i32;
  channels: i32;
  output: usize;
  outputStride: i32;
}

/** out[c] = mean over the pixels of in[p][c]. */
export function averageMap(d: Average, block: i32, live: i32, shard: i32, thread: i32): void {
  const from = d.input + block * d.inputStride;
  const to = d.output + block * d.outputStride;
  const step = <usize>d.channels * LANES;
  const count = f32x4.splat(<f32>d.pixels);
  for (let at: usize = 0; at < step; at += 16) {
    let sum = f32x4.splat(0);
    for (let p = from + at, end = p + <usize>d.pixels * step; p < end; p += step) sum = f32x4.add(sum, v128.load(p));
    v128.store(to + at, f32x4.div(sum, count));
  }
}

@unmanaged
export class AverageGradient {
  gradient: usize;
  gradientStride: i32;
  pixels: i32;
  channels: i32;
  inputGradient: usize;
  inputGradientStride: i32;
}

export function averageMapGradient(d: AverageGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const from = d.gradient + block * d.gradientStride;
  const to = d.inputGradient + block * d.inputGradientStride;
  const step = <usize>d.channels * LANES;
  const count = f32x4.splat(<f32>d.pixels);
  for (let at: usize = 0; at < step; at += 16) {
    const share = f32x4.div(v128.load(from + at), count);
    for (let p = to + at, end = p + <usize>d.pixels * step; p < end; p += step) v128.store(p, share);
  }
}
