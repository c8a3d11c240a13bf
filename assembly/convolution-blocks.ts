import { convolve, filterGradient, turnWeights } from './convolution';
import { winogradConvolve, winogradGradients } from './winograd';
import { packRange, transformRange, weightGradientRange } from './winograd-weights';

/** The convolutions of stride 1 as kernels of the compiled step: see `src/engine/native/emit.ts`. */

@unmanaged
export class Convolve {
  input: usize;
  inputStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  weights: usize;
  kernel: i32;
  padding: i32;
  output: usize;
  outputStride: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
}

export function convolveBlock(d: Convolve, block: i32, live: i32, shard: i32, thread: i32): void {
  convolve(
    d.input + block * d.inputStride,
    d.height,
    d.width,
    d.channels,
    d.weights,
    d.kernel,
    d.padding,
    d.output + block * d.outputStride,
    d.outHeight,
    d.outWidth,
    d.outChannels,
  );
}

@unmanaged
export class SquareFilterGradient {
  input: usize;
  inputStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  gradient: usize;
  gradientStride: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  kernel: i32;
  padding: i32;
  sums: usize;
  sumsStride: i32;
}

export function filterGradientBlock(d: SquareFilterGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  filterGradient(
    d.input + block * d.inputStride,
    d.height,
    d.width,
    d.channels,
    d.gradient + block * d.gradientStride,
    d.outHeight,
    d.outWidth,
    d.outChannels,
    d.kernel,
    d.padding,
    d.sums + shard * d.sumsStride,
  );
}

@unmanaged
export class TurnWeights {
  weights: usize;
  kernel: i32;
  channels: i32;
  outChannels: i32;
  turned: usize;
}

export function turnWeightsAll(d: TurnWeights, thread: i32, threads: i32): void {
  if (thread == 0) turnWeights(d.weights, d.kernel, d.channels, d.outChannels, d.turned);
}

@unmanaged
export class Winograd {
  side: i32;
  input: usize;
  inputStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  packed: usize;
  size: i32;
  padding: i32;
  output: usize;
  outputStride: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  scratch: usize;
}

export function winogradBlock(d: Winograd, block: i32, live: i32, shard: i32, thread: i32): void {
  winogradConvolve(
    d.side,
    d.input + block * d.inputStride,
    d.height,
    d.width,
    d.channels,
    d.packed,
    d.size,
    d.padding,
    d.output + block * d.outputStride,
    d.outHeight,
    d.outWidth,
    d.outChannels,
    d.scratch,
  );
}

@unmanaged
export class WinogradGradients {
  side: i32;
  input: usize;
  inputStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  turned: usize;
  size: i32;
  padding: i32;
  gradient: usize;
  gradientStride: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  sums: usize;
  sumsStride: i32;
  /** 0: nobody needs it. */
  inputGradient: usize;
  inputGradientStride: i32;
  scratch: usize;
}

export function winogradGradientsBlock(d: WinogradGradients, block: i32, live: i32, shard: i32, thread: i32): void {
  winogradGradients(
    d.side,
    d.input + block * d.inputStride,
    d.height,
    d.width,
    d.channels,
    d.turned,
    d.size,
    d.padding,
    d.gradient + block * d.gradientStride,
    d.outHeight,
    d.outWidth,
    d.outChannels,
    d.sums + shard * d.sumsStride,
    d.inputGradient + block * d.inputGradientStride,
    d.scratch,
  );
}

@unmanaged
export class TransformWeights {
  side: i32;
  weights: usize;
  size: i32;
  channels: i32;
  outChannels: i32;
  transformed: usize;
  packed: usize;
  /** 0: no gradient is wanted. */
  turned: usize;
}

export function transformWeightsAll(d: TransformWeights, thread: i32, threads: i32): void {
  const count = d.channels * d.outChannels;
  const from = shareOf(count, thread, threads);
  const to = shareOf(count, thread + 1, threads);
  transformRange(d.side, d.weights, d.size, count, d.transformed, from, to);
  const end = min(to, count);
  packRange(d.side, d.transformed, d.size, d.channels, d.outChannels, d.packed, d.turned, from, end);
}

/** First of `count` floats (rounded up to whole vectors) that part `part` of `parts` has. */
function shareOf(count: i32, part: i32, parts: i32): i32 {
  return (((count + 3) >> 2) * part / parts) << 2;
}

@unmanaged
export class FoldFilterGradient {
  side: i32;
  sums: usize;
  sumsStride: i32;
  shards: i32;
  /** in x out. */
  count: i32;
  gradient: usize;
}

/** The shards' sums in order, then out of Winograd's planes: the filter gradient. */
export function foldWinogradSumsAll(d: FoldFilterGradient, thread: i32, threads: i32): void {
  const from = shareOf(d.count, thread, threads);
  const to = min(d.count, shareOf(d.count, thread + 1, threads));
  const planes = (d.side + 2) * (d.side + 2);
  for (let plane = 0; plane < planes; plane++) {
    const at = d.sums + (<usize>(plane * d.count + from) << 2);
    foldShards(at, d.sumsStride, d.shards, to - from, at);
  }
  weightGradientRange(d.side, d.sums, d.count, d.gradient, from, to);
}

/** to[i] = the sum over the shards, in order. */
function foldShards(sums: usize, stride: i32, shards: i32, count: i32, to: usize): void {
  const end = <usize>max(0, count) << 2;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    let sum = v128.load(sums + at);
    for (let shard = 1; shard < shards; shard++) sum = f32x4.add(sum, v128.load(sums + at + shard * stride));
    v128.store(to + at, sum);
  }
  for (; at < end; at += 4) {
    let sum = load<f32>(sums + at);
    for (let shard = 1; shard < shards; shard++) sum += load<f32>(sums + at + shard * stride);
    store<f32>(to + at, sum);
  }
}

@unmanaged
export class FoldSums {
  sums: usize;
  sumsStride: i32;
  shards: i32;
  count: i32;
  gradient: usize;
}

/** The shards' sums in order: the gradient of a weight. */
export function foldSums(d: FoldSums, thread: i32, threads: i32): void {
  const from = shareOf(d.count, thread, threads);
  const to = min(d.count, shareOf(d.count, thread + 1, threads));
  foldShards(d.sums + (<usize>from << 2), d.sumsStride, d.shards, to - from, d.gradient + (<usize>from << 2));
}
