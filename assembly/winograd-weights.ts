import { tileOf } from './layout';

/**
 * 3x3 weights into the planes of `winograd.ts` and their gradients back: U = G g G' and its adjoint, dg = G' dU G, with
 *
 *                     1    0    0                           6    0    0
 *   F(2x2, 3x3): G = 1/2  1/2  1/2     F(4x4, 3x3): 24 G = -4   -4   -4
 *                    1/2 -1/2  1/2                         -4    4   -4
 *                     0    0    1                           1    2    4
 *                                                           1   -2    4
 *                                                           0    0   24
 */

/** U, [planes][in * out] out of [9][count]; planes are of `size` floats, `count` (in * out) rounded up to four. */
export function winogradWeights(side: i32, weights: usize, size: i32, count: i32, transformed: usize): void {
  transformRange(side, weights, size, count, transformed, 0, size);
}

/** `winogradWeights` of the channel pairs `from` to `to`, multiples of four. */
export function transformRange(
  side: i32,
  weights: usize,
  size: i32,
  count: i32,
  transformed: usize,
  from: i32,
  to: i32,
): void {
  const lines = side + 2;
  const plane = <usize>size << 2;
  const tap = <usize>count << 2;
  for (let i = <usize>from << 2, end = <usize>to << 2; i < end; i += 16) {
    // The columns, into the first three planes of each row; then the rows, in place.
    for (let x: usize = 0; x < 3; x++) {
      weightLine(side, weights + i + x * tap, 3 * tap, transformed + i + x * plane, <usize>lines * plane);
    }
    for (let y = 0; y < lines; y++) {
      const row = transformed + i + <usize>(y * lines) * plane;
      weightLine(side, row, plane, row, plane);
    }
  }
}

/** G of three values. */
// @ts-ignore: decorator
@inline
function weightLine(side: i32, from: usize, step: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + step);
  const g2 = v128.load(from + 2 * step);
  const sum = f32x4.add(g0, g2);
  if (side == 2) {
    const half = f32x4.splat(0.5);
    v128.store(to, g0);
    v128.store(to + toStep, f32x4.mul(half, f32x4.add(sum, g1)));
    v128.store(to + 2 * toStep, f32x4.mul(half, f32x4.sub(sum, g1)));
    v128.store(to + 3 * toStep, g2);
  } else {
    const sixth = f32x4.splat(-1.0 / 6);
    const part = f32x4.splat(1.0 / 24);
    const far = f32x4.add(g0, f32x4.mul(f32x4.splat(4), g2));
    const twice = f32x4.add(g1, g1);
    v128.store(to, f32x4.mul(f32x4.splat(0.25), g0));
    v128.store(to + toStep, f32x4.mul(sixth, f32x4.add(sum, g1)));
    v128.store(to + 2 * toStep, f32x4.mul(sixth, f32x4.sub(sum, g1)));
    v128.store(to + 3 * toStep, f32x4.mul(part, f32x4.add(far, twice)));
    v128.store(to + 4 * toStep, f32x4.mul(part, f32x4.sub(far, twice)));
    v128.store(to + 5 * toStep, g2);
  }
}

/**
 * Transformed weights in the order in which they are multiplied, for both directions: of `packed`, a plane is [tiles of outputs][in][tile], of
 * `turned` [tiles of inputs][out][tile] (0: not wanted). Read as they are transformed, [in][out], the weights of a few outputs would lie so far
 * apart where there are many that a first-level cache has no room for them.
 */
export function winogradPack(
  side: i32,
  transformed: usize,
  size: i32,
  channels: i32,
  outChannels: i32,
  packed: usize,
  turned: usize,
): void {
  packRange(side, transformed, size, channels, outChannels, packed, turned, 0, channels * outChannels);
}

/** `winogradPack` of the channel pairs `from` to `to`. */
export function packRange(
  side: i32,
  transformed: usize,
  size: i32,
  channels: i32,
  outChannels: i32,
  packed: usize,
  turned: usize,
  from: i32,
  to: i32,
): void {
  const plane = <usize>size << 2;
  const end = <usize>((side + 2) * (side + 2)) * plane;
  for (let at: usize = 0; at < end; at += plane) {
    // The tile that input i is in, when inputs are the outputs.
    let first = 0;
    let tile = tileOf(channels);
    let i = from / outChannels;
    for (let e = from; e < to; i++) {
      const row = i * outChannels;
      const until = min(row + outChannels, to);
      packRow(transformed + at + (<usize>row << 2), i, channels, outChannels, e - row, until - row, packed + at);
      if (turned) {
        while (i >= first + tile) {
          first += tile;
          tile = tileOf(channels - first);
        }
        let q = turned + at + (<usize>(first * outChannels + (e - row) * tile + i - first) << 2);
        for (let p = e; p < until; p++, q += <usize>tile << 2) store<f32>(q, load<f32>(transformed + at + (<usize>p << 2)));
      }
      e = until;
    }
  }
}

/** Outputs `from` to `to` of input i. */
function packRow(row: usize, i: i32, channels: i32, outChannels: i32, from: i32, to: i32, packed: usize): void {
  for (let first = 0; first < to; ) {
    const tile = tileOf(outChannels - first);
    const at = packed + (<usize>(first * channels + i * tile - first) << 2);
    for (let o = max(first, from), end = min(first + tile, to); o < end; o++) {
      store<f32>(at + (<usize>o << 2), load<f32>(row + (<usize>o << 2)));
    }
    first += tile;
  }
}

/** dg, [9][count] out of dU, [planes][count], in which it is worked. */
export function winogradWeightGradient(side: i32, sums: usize, count: i32, gradient: usize): void {
  weightGradientRange(side, sums, count, gradient, 0, count);
}

/** `winogradWeightGradient` of the channel pairs `from` to `to`. */
export function weightGradientRange(side: i32, sums: usize, count: i32, gradient: usize, from: i32, to: i32): void {
  const lines = side + 2;
  const plane = <usize>count << 2;
  const end = <usize>to << 2;
  let i = <usize>from << 2;
  for (; i + 16 <= end; i += 16) {
    for (let x = 0; x < lines; x++) {
      const column = sums + i + <usize>x * plane;
      weightGradientLine(side, column, <usize>lines * plane, column, <usize>lines * plane);
    }
    for (let y = 0; y < 3; y++) {
      const row = sums + i + <usize>(y * lines) * plane;
      weightGradientLine(side, row, plane, gradient + i + <usize>(3 * y) * plane, plane);
    }
  }
  for (; i < end; i += 4) {
    for (let x = 0; x < lines; x++) {
      const column = sums + i + <usize>x * plane;
      lastWeightGradientLine(side, column, <usize>lines * plane, column, <usize>lines * plane);
    }
    for (let y = 0; y < 3; y++) {
      const row = sums + i + <usize>(y * lines) * plane;
      lastWeightGradientLine(side, row, plane, gradient + i + <usize>(3 * y) * plane, plane);
    }
  }
}

/** G' of as many values as a tile has lines. */
// @ts-ignore: decorator
@inline
function weightGradientLine(side: i32, from: usize, step: usize, to: usize, toStep: usize): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from + step);
  const u2 = v128.load(from + 2 * step);
  const u3 = v128.load(from + 3 * step);
  if (side == 2) {
    const half = f32x4.mul(f32x4.splat(0.5), f32x4.add(u1, u2));
    v128.store(to, f32x4.add(u0, half));
    v128.store(to + toStep, f32x4.mul(f32x4.splat(0.5), f32x4.sub(u1, u2)));
    v128.store(to + 2 * toStep, f32x4.add(half, u3));
  } else {
    const u4 = v128.load(from + 4 * step);
    const u5 = v128.load(from + 5 * step);
    const sixth = f32x4.splat(1.0 / 6);
    const near = f32x4.mul(sixth, f32x4.add(u1, u2));
    const far = f32x4.mul(f32x4.splat(1.0 / 24), f32x4.add(u3, u4));
    const twelfth = f32x4.mul(f32x4.splat(1.0 / 12), f32x4.sub(u3, u4));
    v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(f32x4.splat(0.25), u0), near), far));
    v128.store(to + toStep, f32x4.add(f32x4.mul(sixth, f32x4.sub(u2, u1)), twelfth));
    v128.store(to + 2 * toStep, f32x4.add(f32x4.sub(f32x4.mul(f32x4.splat(4), far), near), u5));
  }
}

/** The same of a single channel pair: those left over. */
// @ts-ignore: decorator
@inline
function lastWeightGradientLine(side: i32, from: usize, step: usize, to: usize, toStep: usize): void {
  const u0 = load<f32>(from);
  const u1 = load<f32>(from + step);
  const u2 = load<f32>(from + 2 * step);
  const u3 = load<f32>(from + 3 * step);
  if (side == 2) {
    const half = <f32>0.5 * (u1 + u2);
    store<f32>(to, u0 + half);
    store<f32>(to + toStep, <f32>0.5 * (u1 - u2));
    store<f32>(to + 2 * toStep, half + u3);
  } else {
    const u4 = load<f32>(from + 4 * step);
    const u5 = load<f32>(from + 5 * step);
    const near = <f32>(1.0 / 6) * (u1 + u2);
    const far = <f32>(1.0 / 24) * (u3 + u4);
    store<f32>(to, <f32>0.25 * u0 - near + far);
    store<f32>(to + toStep, <f32>(1.0 / 6) * (u2 - u1) + <f32>(1.0 / 12) * (u3 - u4));
    store<f32>(to + 2 * toStep, <f32>4 * far - near + u5);
  }
}
