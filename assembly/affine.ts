import { addTo, liveLanes } from './batch-norm';
import { placeOf } from './kernel';
import { LANES } from './layout';

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
}

/** sums[c] += (sum of gradient, sum of gradient z), for `finishGradientMoments`. */
export function affineGradient(d: AffineGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const z = placeOf(d.z, d.zStride, block);
  const sums = placeOf(d.sums, d.sumsStride, shard);
  const step = <usize>d.channels * LANES;
  const zero = f32x4.splat(0);
  for (let c = 0; c < d.channels; c++) {
    let s = zero, t = zero, q = zero, r = zero;
    let at = <usize>c * LANES;
    for (let p = 0; p < d.pixels; p++, at += step) {
      const u = v128.load(gradient + at);
      const v = v128.load(gradient + at, 16);
      s = f32x4.add(s, u);
      t = f32x4.add(t, v);
      q = f32x4.add(q, f32x4.mul(u, v128.load(z + at)));
      r = f32x4.add(r, f32x4.mul(v, v128.load(z + at, 16)));
    }
    addTo(sums + (<usize>c << 4), s, t);
    addTo(sums + (<usize>c << 4) + 8, q, r);
  }
}
