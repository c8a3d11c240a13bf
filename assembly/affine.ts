import { liveLanes } from './batch-norm';
import { sumProducts } from './channel-sums';
import { placeOf } from './kernel';
import { LANES, No } from './layout';

/** Batch norm where no ReLU follows: what `activation.ts` does in one pass with others. */

@unmanaged
export class Affine {
  input: usize;
  inputStride: i32;
  output: usize;
  outputStride: i32;
  pixels: i32;
  channels: i32;
  /** f32 [channels] each. */
  scale: usize;
  shift: usize;
}

/** output = input scale + shift. */
export function affine(d: Affine, block: i32, live: i32, shard: i32, thread: i32): void {
  let from = placeOf(d.input, d.inputStride, block);
  let to = placeOf(d.output, d.outputStride, block);
  const first = liveLanes(live);
  const second = liveLanes(live - 4);
  for (let p = 0; p < d.pixels; p++) {
    for (let c: usize = 0, end = <usize>d.channels << 2; c < end; c += 4) {
      const s = v128.load32_splat(d.scale + c);
      const t = v128.load32_splat(d.shift + c);
      v128.store(to, v128.and(f32x4.add(f32x4.mul(v128.load(from), s), t), first));
      v128.store(to, v128.and(f32x4.add(f32x4.mul(v128.load(from, 16), s), t), second), 16);
      from += LANES;
      to += LANES;
    }
  }
}

@unmanaged
export class AffineGradient {
  gradient: usize;
  gradientStride: i32;
  z: usize;
  zStride: i32;
  pixels: i32;
  channels: i32;
  /** f64 [channels][2] a shard. */
  sums: usize;
  sumsStride: i32;
  /** f32 [channels][16]. */
  scratch: usize;
}

/** sums[c] += (sum of gradient, sum of gradient z), for `finishGradientMoments`. */
export function affineGradient(d: AffineGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const z = placeOf(d.z, d.zStride, block);
  sumProducts<No>(gradient, z, d.pixels, d.channels, placeOf(d.sums, d.sumsStride, shard), d.scratch);
}
