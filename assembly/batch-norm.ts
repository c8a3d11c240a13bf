import { sumProducts } from './channel-sums';
import { LANES, Yes } from './layout';

/**
 * Batch normalization of one block (eight images) at a time, in as few passes over the data as its two dependencies
 * on the whole batch allow: sums, then use. Sums are f64 [channels][2], one array a shard of the batch,
 * `stride` bytes apart.
 */

/** sums[c] += (sum of z, sum of z^2) over all pixels and images. Images that do not exist must be 0 in z. `scratch` is that of `sumProducts`. */
export function sumMoments(z: usize, pixels: i32, channels: i32, sums: usize, scratch: usize): void {
  sumProducts<Yes>(z, z, pixels, channels, sums, scratch);
}

/**
 * Mean and 1 / sqrt(variance + epsilon) of the batch out of the shards' sums, the moving statistics, and the scale and
 * shift that `normalize` applies: (z - mean) * inverse * gamma + beta.
 */
export function finishMoments(
  sums: usize,
  stride: usize,
  shards: i32,
  channels: i32,
  count: f64,
  epsilon: f64,
  momentum: f64,
  gamma: usize,
  beta: usize,
  movingMean: usize,
  movingVariance: usize,
  mean: usize,
  inverse: usize,
  scale: usize,
  shift: usize,
): void {
  for (let c = 0; c < channels; c++) {
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let s = 0; s < shards; s++) {
      const at = sums + <usize>s * stride + (<usize>c << 4);
      sum += load<f64>(at);
      squares += load<f64>(at, 8);
    }
    const m = sum / count;
    const variance = max<f64>(0, squares / count - m * m);
    const i = 1 / sqrt(variance + epsilon);
    const o = <usize>c << 2;
    const s = <f64>load<f32>(gamma + o) * i;
    store<f32>(mean + o, <f32>m);
    store<f32>(inverse + o, <f32>i);
    store<f32>(scale + o, <f32>s);
    store<f32>(shift + o, <f32>(<f64>load<f32>(beta + o) - m * s));
    const keep = momentum;
    store<f32>(movingMean + o, <f32>(keep * <f64>load<f32>(movingMean + o) + (1 - keep) * m));
    store<f32>(movingVariance + o, <f32>(keep * <f64>load<f32>(movingVariance + o) + (1 - keep) * variance));
  }
}

/** Scale and shift out of the moving statistics, for evaluation. */
export function useMoving(
  channels: i32,
  epsilon: f64,
  gamma: usize,
  beta: usize,
  movingMean: usize,
  movingVariance: usize,
  scale: usize,
  shift: usize,
): void {
  for (let c = 0; c < channels; c++) {
    const o = <usize>c << 2;
    const s = <f64>load<f32>(gamma + o) / sqrt(<f64>load<f32>(movingVariance + o) + epsilon);
    store<f32>(scale + o, <f32>s);
    store<f32>(shift + o, <f32>(<f64>load<f32>(beta + o) - <f64>load<f32>(movingMean + o) * s));
  }
}

/**
 * Gradients of gamma and beta out of the shards' sums of (g, g z), and the three factors of
 * dz = a g + b z + c, which is gamma * inverse * (g - mean(g) - xhat * mean(g * xhat)) written out.
 */
export function finishGradientMoments(
  sums: usize,
  stride: usize,
  shards: i32,
  channels: i32,
  count: f64,
  gamma: usize,
  mean: usize,
  inverse: usize,
  gammaGradient: usize,
  betaGradient: usize,
  factors: usize,
): void {
  for (let c = 0; c < channels; c++) {
    let sum: f64 = 0;
    let products: f64 = 0;
    for (let s = 0; s < shards; s++) {
      const at = sums + <usize>s * stride + (<usize>c << 4);
      sum += load<f64>(at);
      products += load<f64>(at, 8);
    }
    const o = <usize>c << 2;
    const m = <f64>load<f32>(mean + o);
    const i = <f64>load<f32>(inverse + o);
    const scaled = i * (products - m * sum);
    store<f32>(gammaGradient + o, <f32>scaled);
    store<f32>(betaGradient + o, <f32>sum);
    const a = <f64>load<f32>(gamma + o) * i;
    const b = (-a * i * scaled) / count;
    const at = factors + 3 * o;
    store<f32>(at, <f32>a);
    store<f32>(at, <f32>b, 4);
    store<f32>(at, <f32>((-a * sum) / count - b * m), 8);
  }
}

/** dz = a g + b z + c; images from `live` on get 0. dz may be g. */
export function normalizeGradient(
  g: usize,
  dz: usize,
  z: usize,
  pixels: i32,
  channels: i32,
  factors: usize,
  live: i32,
): void {
  const first = liveLanes(live);
  const second = liveLanes(live - 4);
  for (let p = 0; p < pixels; p++) {
    for (let f = factors, end = factors + <usize>channels * 12; f < end; f += 12) {
      const a = v128.load32_splat(f);
      const b = v128.load32_splat(f, 4);
      const c = v128.load32_splat(f, 8);
      const u = f32x4.add(f32x4.mul(a, v128.load(g)), f32x4.add(f32x4.mul(b, v128.load(z)), c));
      const v = f32x4.add(f32x4.mul(a, v128.load(g, 16)), f32x4.add(f32x4.mul(b, v128.load(z, 16)), c));
      v128.store(dz, v128.and(u, first));
      v128.store(dz, v128.and(v, second), 16);
      g += LANES;
      dz += LANES;
      z += LANES;
    }
  }
}

/** All bits set in the lanes below `live`. */
// @ts-ignore: decorator
@inline
export function liveLanes(live: i32): v128 {
  return i32x4.gt_s(i32x4.splat(live), i32x4(0, 1, 2, 3));
}
