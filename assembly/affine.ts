import { liveLanes } from './batch-norm';
import { chunkOf, foldChannels, keep } from './channel-sums';
import { placeOf } from './kernel';
import { isYes, LANES, No, Yes } from './layout';

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

/** sums[c] += (sum of gradient, sum of gradient z), for `finishGradientMoments`; in chunks as in `sumMoments`. */
export function affineGradient(d: AffineGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const toZ = placeOf(d.z, d.zStride, block) - gradient;
  const step = <usize>d.channels * LANES;
  const chunk = chunkOf(step);
  memory.fill(d.scratch, 0, <usize>d.channels << 6);
  for (let first = 0; first < d.pixels; first += chunk) {
    const from = gradient + <usize>first * step;
    const to = from + <usize>min(chunk, d.pixels - first) * step;
    let c: usize = 0;
    for (const pairs = <usize>(d.channels & ~1); c < pairs; c += 2) {
      addProducts<Yes>(from + c * LANES, to + c * LANES, step, toZ, d.scratch + (c << 6));
    }
    if (d.channels & 1) addProducts<No>(from + c * LANES, to + c * LANES, step, toZ, d.scratch + (c << 6));
  }
  foldChannels(d.scratch, d.channels, placeOf(d.sums, d.sumsStride, shard));
}

/** Of a channel, or of a pair of them; z lies `toZ` bytes behind the gradient. */
function addProducts<Pair>(from: usize, to: usize, step: usize, toZ: usize, scratch: usize): void {
  const zero = f32x4.splat(0);
  let s = v128.load(scratch), t = v128.load(scratch, 16), q = v128.load(scratch, 32), r = v128.load(scratch, 48);
  let s2 = zero, t2 = zero, q2 = zero, r2 = zero;
  if (isYes<Pair>()) {
    s2 = v128.load(scratch, 64);
    t2 = v128.load(scratch, 80);
    q2 = v128.load(scratch, 96);
    r2 = v128.load(scratch, 112);
  }
  for (let at = from; at < to; at += step) {
    const u = v128.load(at);
    const v = v128.load(at, 16);
    const z = at + toZ;
    s = f32x4.add(s, u);
    t = f32x4.add(t, v);
    q = f32x4.add(q, f32x4.mul(u, v128.load(z)));
    r = f32x4.add(r, f32x4.mul(v, v128.load(z, 16)));
    if (isYes<Pair>()) {
      const u2 = v128.load(at, 32);
      const v2 = v128.load(at, 48);
      s2 = f32x4.add(s2, u2);
      t2 = f32x4.add(t2, v2);
      q2 = f32x4.add(q2, f32x4.mul(u2, v128.load(z, 32)));
      r2 = f32x4.add(r2, f32x4.mul(v2, v128.load(z, 48)));
    }
  }
  keep(scratch, s, t, q, r);
  if (isYes<Pair>()) keep(scratch + 64, s2, t2, q2, r2);
}
