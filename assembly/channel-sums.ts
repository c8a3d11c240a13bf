import { isYes, LANES, No, Yes } from './layout';

/**
 * Sums over the pixels of a map, channel by channel, a stretch of pixels at a time: what has been added up of a channel waits in a scratch of f32
 * [channels][16], two pairs of sums of eight images each, until the next pixels are in the cache.
 */

/** Bytes of an array that are summed for all channels before the next: two such arrays stay in a first-level cache. */
const CHUNK: usize = 8 << 10;

/** How many pixels of `step` bytes are summed at a time. */
// @ts-ignore: decorator
@inline
export function chunkOf(step: usize): i32 {
  return max<i32>(1, <i32>(CHUNK / step));
}

// @ts-ignore: decorator
@inline
export function keep(at: usize, s: v128, t: v128, q: v128, r: v128): void {
  v128.store(at, s);
  v128.store(at, t, 16);
  v128.store(at, q, 32);
  v128.store(at, r, 48);
}

/** sums[c] += (sum of a, sum of a b) over all pixels and images; `scratch`: f32 [channels][16]. `Square`: b is a, and is not read again. */
export function sumProducts<Square>(a: usize, b: usize, pixels: i32, channels: i32, sums: usize, scratch: usize): void {
  const toB = b - a;
  const step = <usize>channels * LANES;
  const chunk = chunkOf(step);
  memory.fill(scratch, 0, <usize>channels << 6);
  for (let first = 0; first < pixels; first += chunk) {
    const from = a + <usize>first * step;
    const to = from + <usize>min(chunk, pixels - first) * step;
    // Two channels are a cache line, and eight sums enough to add while the next values are awaited.
    let c: usize = 0;
    for (const pairs = <usize>(channels & ~1); c < pairs; c += 2) {
      addProducts<Yes, Square>(from + c * LANES, to + c * LANES, step, toB, scratch + (c << 6));
    }
    if (channels & 1) addProducts<No, Square>(from + c * LANES, to + c * LANES, step, toB, scratch + (c << 6));
  }
  for (let at = scratch, end = scratch + (<usize>channels << 6); at < end; at += 64, sums += 16) {
    addTo(sums, v128.load(at), v128.load(at, 16));
    addTo(sums + 8, v128.load(at, 32), v128.load(at, 48));
  }
}

/** Of a channel, or of a pair of them; b lies `toB` bytes behind a. */
function addProducts<Pair, Square>(from: usize, to: usize, step: usize, toB: usize, scratch: usize): void {
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
    const b = at + toB;
    s = f32x4.add(s, u);
    t = f32x4.add(t, v);
    q = f32x4.add(q, f32x4.mul(u, isYes<Square>() ? u : v128.load(b)));
    r = f32x4.add(r, f32x4.mul(v, isYes<Square>() ? v : v128.load(b, 16)));
    if (isYes<Pair>()) {
      const u2 = v128.load(at, 32);
      const v2 = v128.load(at, 48);
      s2 = f32x4.add(s2, u2);
      t2 = f32x4.add(t2, v2);
      q2 = f32x4.add(q2, f32x4.mul(u2, isYes<Square>() ? u2 : v128.load(b, 32)));
      r2 = f32x4.add(r2, f32x4.mul(v2, isYes<Square>() ? v2 : v128.load(b, 48)));
    }
  }
  keep(scratch, s, t, q, r);
  if (isYes<Pair>()) keep(scratch + 64, s2, t2, q2, r2);
}

/** Adds eight lanes to an f64, in a fixed order. */
// @ts-ignore: decorator
@inline
export function addTo(to: usize, a: v128, b: v128): void {
  const v = f32x4.add(a, b);
  const low = <f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1);
  const high = <f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3);
  store<f64>(to, load<f64>(to) + (low + high));
}
