import { dotRun } from './dot';
import { LANES, sizeOfTile, Tile1, Tile2, Tile3, Tile4, tileOf } from './layout';
import { accumulateOuter } from './outer';
import {
  patchBytes,
  planeBytes,
  transformGradient,
  transformInput,
  transformInputGradient,
  transformOutput,
} from './winograd-tiles';

/**
 * 3x3 convolution by Winograd's minimal filtering F(2x2, 3x3): a tile of 2x2 outputs takes 16 multiplications a channel
 * pair where the definition takes 36 (Lavin and Gray, https://arxiv.org/abs/1509.09308). With B, G and A of that paper:
 *
 *   D = B' d B (4x4 inputs),   U = G g G' (weights),   M = D * U summed over channels,   out = A' M A.
 *
 * The gradients are the adjoints of the same steps, tile by tile: dM = A dout A', dd = B (dM * U) B', dU = D * dM,
 * dg = G' dU G; they take 16 multiplications, too.
 *
 * D and M of some rows of tiles at a time (`rowsAtOnce`) are [16][tiles of all these rows][channels][8]; `first` is a row's
 * first tile among them, each of the 16 planes is `planeBytes` long.
 */

/** Bytes of D and M together that are worth having at once: half of a common 512 KiB second-level cache. */
const CHUNK: usize = 256 << 10;

/** Rows of tiles worked on at once: more make longer sums, fewer keep D and M in the cache. */
function rowsAtOnce(rows: i32, tiles: i32, channels: i32, outChannels: i32): i32 {
  const one = (<usize>(tiles * (channels + outChannels)) * LANES) << 4;
  return min(rows, max<i32>(1, <i32>(CHUNK / one)));
}

/** Bytes of scratch that `winogradConvolve` and `winogradGradients` need: for a patch, D and M. */
export function winogradScratch(outHeight: i32, outWidth: i32, channels: i32, outChannels: i32): usize {
  const tiles = (outWidth + 1) >> 1;
  const all = tiles * rowsAtOnce((outHeight + 1) >> 1, tiles, channels, outChannels);
  return patchBytes(channels) + ((planeBytes(all, channels) + planeBytes(all, outChannels)) << 4);
}

/** U = G g G', [16][in * out] out of [9][in * out]; `size` is in * out rounded up to four. */
export function winogradWeights(weights: usize, size: i32, count: i32, transformed: usize): void {
  const half = f32x4.splat(0.5);
  for (let i = 0; i < count; i += 4) {
    for (let column = 0; column < 3; column++) {
      const at = weights + (<usize>(column * count + i) << 2);
      const g0 = v128.load(at);
      const g1 = v128.load(at + (<usize>(3 * count) << 2));
      const g2 = v128.load(at + (<usize>(6 * count) << 2));
      const sum = f32x4.add(g0, g2);
      // Kept in the fourth column of each row of `transformed` until the row is transformed, below.
      const to = transformed + (<usize>(column * size + i) << 2);
      const row = <usize>(4 * size) << 2;
      v128.store(to, g0);
      v128.store(to + row, f32x4.mul(half, f32x4.add(sum, g1)));
      v128.store(to + 2 * row, f32x4.mul(half, f32x4.sub(sum, g1)));
      v128.store(to + 3 * row, g2);
    }
    for (let r = 0; r < 4; r++) {
      const to = transformed + (<usize>(4 * r * size + i) << 2);
      const step = <usize>size << 2;
      const g0 = v128.load(to);
      const g1 = v128.load(to + step);
      const g2 = v128.load(to + 2 * step);
      const sum = f32x4.add(g0, g2);
      v128.store(to + step, f32x4.mul(half, f32x4.add(sum, g1)));
      v128.store(to + 2 * step, f32x4.mul(half, f32x4.sub(sum, g1)));
      v128.store(to + 3 * step, g2);
    }
  }
}

/** [16][out][in] out of [16][in][out] (planes of `size`): the weights of the input gradient. */
export function winogradTurn(transformed: usize, size: i32, channels: i32, outChannels: i32, turned: usize): void {
  for (let plane = 0; plane < 16; plane++) {
    const from = transformed + (<usize>(plane * size) << 2);
    const to = turned + (<usize>(plane * size) << 2);
    for (let i = 0; i < channels; i++) {
      for (let o = 0; o < outChannels; o++) {
        store<f32>(to + (<usize>(o * channels + i) << 2), load<f32>(from + (<usize>(i * outChannels + o) << 2)));
      }
    }
  }
}

/** dg = G' dU G: [9][count] out of [16][count], lane sums already folded. */
export function winogradWeightGradient(folded: usize, count: i32, gradient: usize): void {
  const step = <usize>count << 2;
  for (let i = 0; i < count; i++) {
    const from = folded + (<usize>i << 2);
    const to = gradient + (<usize>i << 2);
    for (let row = 0; row < 3; row++) {
      const r0 = column(from, step, row, 0);
      const r1 = column(from, step, row, 1);
      const r2 = column(from, step, row, 2);
      const r3 = column(from, step, row, 3);
      const at = to + <usize>(3 * row) * step;
      store<f32>(at, r0 + 0.5 * (r1 + r2));
      store<f32>(at + step, 0.5 * (r1 - r2));
      store<f32>(at + 2 * step, 0.5 * (r1 + r2) + r3);
    }
  }
}

/** Row `row` of G' dU, column `c`. */
// @ts-ignore: decorator
@inline
function column(from: usize, step: usize, row: i32, c: i32): f32 {
  const at = from + <usize>c * step;
  const u1 = load<f32>(at + 4 * step);
  const u2 = load<f32>(at + 8 * step);
  if (row == 0) return load<f32>(at) + 0.5 * (u1 + u2);
  if (row == 1) return 0.5 * (u1 - u2);
  return 0.5 * (u1 + u2) + load<f32>(at + 12 * step);
}

/** out = in * w, any size and padding. `scratch` is of `winogradScratch` bytes. */
export function winogradConvolve(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  transformed: usize,
  size: i32,
  padding: i32,
  output: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  scratch: usize,
): void {
  const tiles = (outWidth + 1) >> 1;
  const rows = (outHeight + 1) >> 1;
  const chunk = rowsAtOnce(rows, tiles, channels, outChannels);
  for (let from = 0; from < rows; from += chunk) {
    const to = min(rows, from + chunk);
    const all = tiles * (to - from);
    const d = scratch + patchBytes(channels);
    const products = d + (planeBytes(all, channels) << 4);
    for (let row = from; row < to; row++) {
      const first = (row - from) * tiles;
      transformInput(input, height, width, channels, 2 * row - padding, padding, tiles, all, first, d, scratch);
    }
    multiplyPlanes(d, channels, transformed, size, all, outChannels, products);
    for (let row = from; row < to; row++) {
      transformOutput(products, tiles, all, (row - from) * tiles, outChannels, 2 * row, output, outHeight, outWidth);
    }
  }
}

/**
 * Both gradients of a row of tiles at a time: sums (four lanes each, [16][in][out]) += dU, and, where `inputGradient`
 * is not 0, inputGradient = dL/din.
 */
export function winogradGradients(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  turned: usize,
  size: i32,
  padding: i32,
  gradient: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  sums: usize,
  inputGradient: usize,
  scratch: usize,
): void {
  const tiles = (outWidth + 1) >> 1;
  const rows = (outHeight + 1) >> 1;
  const chunk = rowsAtOnce(rows, tiles, channels, outChannels);
  const inStep = <usize>channels * LANES;
  const outStep = <usize>outChannels * LANES;
  if (inputGradient) memory.fill(inputGradient, 0, <usize>(height * width) * inStep);
  for (let from = 0; from < rows; from += chunk) {
    const to = min(rows, from + chunk);
    const all = tiles * (to - from);
    const inPlane = planeBytes(all, channels);
    const outPlane = planeBytes(all, outChannels);
    const d = scratch + patchBytes(channels);
    const products = d + (inPlane << 4);
    for (let row = from; row < to; row++) {
      const first = (row - from) * tiles;
      transformInput(input, height, width, channels, 2 * row - padding, padding, tiles, all, first, d, scratch);
      transformGradient(gradient, outHeight, outWidth, outChannels, 2 * row, tiles, all, first, products);
    }
    for (let plane = 0; plane < 16; plane++) {
      accumulateOuter(
        d + <usize>plane * inPlane,
        inStep,
        channels,
        products + <usize>plane * outPlane,
        outStep,
        outChannels,
        all,
        sums + (<usize>(plane * channels * outChannels) << 4),
        outChannels,
      );
    }
    if (inputGradient) {
      multiplyPlanes(products, outChannels, turned, size, all, channels, d);
      for (let row = from; row < to; row++) {
        const top = 2 * row - padding;
        const first = (row - from) * tiles;
        transformInputGradient(d, tiles, all, first, channels, top, padding, inputGradient, height, width, scratch);
      }
    }
  }
}

/** out[plane][tile][o] = sum over i of in[plane][tile][i] w[plane][i][o]. */
export function multiplyPlanes(
  input: usize,
  channels: i32,
  weights: usize,
  size: i32,
  tiles: i32,
  outChannels: i32,
  output: usize,
): void {
  const wStep = <usize>outChannels << 2;
  const inStep = <usize>channels * LANES;
  const outStep = <usize>outChannels * LANES;
  for (let plane = 0; plane < 16; plane++) {
    const from = input + <usize>plane * planeBytes(tiles, channels);
    const to = output + <usize>plane * planeBytes(tiles, outChannels);
    const w = weights + (<usize>(plane * size) << 2);
    for (let out = 0; out < outChannels; ) {
      const tile = tileOf(outChannels - out);
      const end = from + <usize>tiles * inStep;
      const q = to + <usize>out * LANES;
      const k = w + (<usize>out << 2);
      if (tile == 4) dots<Tile4>(from, end, inStep, k, wStep, channels, q, outStep);
      else if (tile == 3) dots<Tile3>(from, end, inStep, k, wStep, channels, q, outStep);
      else if (tile == 2) dots<Tile2>(from, end, inStep, k, wStep, channels, q, outStep);
      else dots<Tile1>(from, end, inStep, k, wStep, channels, q, outStep);
      out += tile;
    }
  }
}

/** A tile of output channels of all tiles of a plane. */
function dots<Tile>(
  p: usize,
  end: usize,
  inStep: usize,
  w: usize,
  wStep: usize,
  channels: i32,
  q: usize,
  outStep: usize,
): void {
  for (; p < end; p += inStep, q += outStep) dotRun(sizeOfTile<Tile>(), p, w, q, channels, wStep);
}
