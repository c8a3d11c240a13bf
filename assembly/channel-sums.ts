import { LANES } from './layout';

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

/** sums[c] += the lanes of the two pairs of sums of channel c. */
export function foldChannels(scratch: usize, channels: i32, sums: usize): void {
  for (let at = scratch, end = scratch + (<usize>channels << 6); at < end; at += 64, sums += 16) {
    addTo(sums, v128.load(at), v128.load(at, 16));
    addTo(sums + 8, v128.load(at, 32), v128.load(at, 48));
  }
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
