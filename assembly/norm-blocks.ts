import { activate, activateGradient } from './activation';
import { finishGradientMoments, finishMoments, normalizeGradient, sumMoments, useMoving } from './batch-norm';
import { Order } from './order';

/** Batch norm with what may follow it (ReLU, 2x2 max pooling, dropout) as kernels of the compiled step. */

@unmanaged
export class SumMoments {
  z: usize;
  zStride: i32;
  pixels: i32;
  channels: i32;
  sums: usize;
  sumsStride: i32;
  /** f32 [channels][16]. */
  scratch: usize;
}

export function sumMomentsBlock(d: SumMoments, block: i32, live: i32, shard: i32, thread: i32): void {
  sumMoments(d.z + block * d.zStride, d.pixels, d.channels, d.sums + shard * d.sumsStride, d.scratch);
}

@unmanaged
export class FinishMoments {
  sums: usize;
  sumsStride: i32;
  shards: i32;
  channels: i32;
  pixels: i32;
  order: usize;
  epsilon: f32;
  momentum: f32;
  gamma: usize;
  beta: usize;
  movingMean: usize;
  movingVariance: usize;
  mean: usize;
  inverse: usize;
  scale: usize;
  shift: usize;
}

export function finishMomentsAll(d: FinishMoments, thread: i32, threads: i32): void {
  if (thread != 0) return;
  finishMoments(
    d.sums,
    d.sumsStride,
    d.shards,
    d.channels,
    <f64>(changetype<Order>(d.order).images * d.pixels),
    <f64>d.epsilon,
    <f64>d.momentum,
    d.gamma,
    d.beta,
    d.movingMean,
    d.movingVariance,
    d.mean,
    d.inverse,
    d.scale,
    d.shift,
  );
}

@unmanaged
export class UseMoving {
  channels: i32;
  epsilon: f32;
  gamma: usize;
  beta: usize;
  movingMean: usize;
  movingVariance: usize;
  scale: usize;
  shift: usize;
}

export function useMovingAll(d: UseMoving, thread: i32, threads: i32): void {
  if (thread == 0) {
    useMoving(d.channels, <f64>d.epsilon, d.gamma, d.beta, d.movingMean, d.movingVariance, d.scale, d.shift);
  }
}

@unmanaged
export class Activate {
  z: usize;
  zStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  scale: usize;
  shift: usize;
  pool: i32;
  /** Address of the step's key; 0 with threshold 0: no dropout. */
  dropKey: usize;
  dropThreshold: i32;
  keepScale: f32;
  out: usize;
  outStride: i32;
}

export function activateBlock(d: Activate, block: i32, live: i32, shard: i32, thread: i32): void {
  activate(
    d.z + block * d.zStride,
    d.height,
    d.width,
    d.channels,
    d.scale,
    d.shift,
    live,
    d.pool,
    load<i32>(d.dropKey),
    d.dropThreshold,
    d.keepScale,
    block * 8,
    d.out + block * d.outStride,
  );
}

@unmanaged
export class ActivateGradient {
  outGradient: usize;
  outGradientStride: i32;
  out: usize;
  outStride: i32;
  z: usize;
  zStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  scale: usize;
  shift: usize;
  pool: i32;
  keepScale: f32;
  g: usize;
  gStride: i32;
  sums: usize;
  sumsStride: i32;
}

export function activateGradientBlock(d: ActivateGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  activateGradient(
    d.outGradient + block * d.outGradientStride,
    d.out + block * d.outStride,
    d.z + block * d.zStride,
    d.height,
    d.width,
    d.channels,
    d.scale,
    d.shift,
    d.pool,
    d.keepScale,
    d.g + block * d.gStride,
    d.sums + shard * d.sumsStride,
  );
}

@unmanaged
export class FinishGradientMoments {
  sums: usize;
  sumsStride: i32;
  shards: i32;
  channels: i32;
  pixels: i32;
  order: usize;
  gamma: usize;
  mean: usize;
  inverse: usize;
  gammaGradient: usize;
  betaGradient: usize;
  factors: usize;
}

export function finishGradientMomentsAll(d: FinishGradientMoments, thread: i32, threads: i32): void {
  if (thread != 0) return;
  finishGradientMoments(
    d.sums,
    d.sumsStride,
    d.shards,
    d.channels,
    <f64>(changetype<Order>(d.order).images * d.pixels),
    d.gamma,
    d.mean,
    d.inverse,
    d.gammaGradient,
    d.betaGradient,
    d.factors,
  );
}

@unmanaged
export class NormalizeGradient {
  g: usize;
  gStride: i32;
  /** May be g. */
  dz: usize;
  dzStride: i32;
  z: usize;
  zStride: i32;
  pixels: i32;
  channels: i32;
  factors: usize;
}

export function normalizeGradientBlock(d: NormalizeGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const g = d.g + block * d.gStride;
  normalizeGradient(g, d.dz + block * d.dzStride, d.z + block * d.zStride, d.pixels, d.channels, d.factors, live);
}
