import { dotRun } from './dot';
import { LANES, sizeOfTile, Tile1, Tile2, Tile3, Tile4, tileOf } from './layout';
import { accumulateOuter } from './outer';
import {
  planeBytes,
  transformGradient,
  transformInput,
  transformInputGradient,
  transformOutput,
  workBytes,
} from './winograd-tiles';

/**
 * 3x3 convolution by Winograd's minimal filtering F(2x2, 3x3) and F(4x4, 3x3): a tile of `side` 2 takes 16
 * multiplications a channel pair where the definition takes 36, one of side 4 takes 36 instead of 144 (Lavin and Gray,
 * https://arxiv.org/abs/1509.09308). With B, G and A of that paper:
 *
 *   D = B' d B (inputs),   U = G g G' (weights),   M = D * U summed over channels,   out = A' M A.
 *
 * The gradients are the adjoints of the same steps, tile by tile: dM = A dout A', dd = B (dM * U) B', dU = D * dM,
 * dg = G' dU G; they take as many multiplications.
 *
 * D and M of some rows of tiles at a time (`rowsAtOnce`) are [planes][tiles of all these rows][channels][8], with
 * (side + 2)^2 planes of `planeBytes` each; `first` is a row's first tile among them.
 */

/** Bytes of D and M together that are worth having at once: half of a common 512 KiB second-level cache. */
const CHUNK: usize = 256 << 10;

/** Rows of tiles worked on at once: more make longer sums, fewer keep D and M in the cache. */
function rowsAtOnce(side: i32, rows: i32, tiles: i32, channels: i32, outChannels: i32): i32 {
  const one = <usize>(planesOf(side) * tiles * (channels + outChannels)) * LANES;
  return min(rows, max<i32>(1, <i32>(CHUNK / one)));
}

// @ts-ignore: decorator
@inline
function planesOf(side: i32): i32 {
  return (side + 2) * (side + 2);
}

/** How many tiles of `side` outputs cover `outputs` of them. */
// @ts-ignore: decorator
@inline
function tilesOf(side: i32, outputs: i32): i32 {
  return (outputs + side - 1) / side;
}

/** Bytes of scratch that `winogradConvolve` and `winogradGradients` need: for a row's work, D and M. */
export function winogradScratch(
  side: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  outChannels: i32,
): usize {
  const tiles = tilesOf(side, outWidth);
  const all = tiles * rowsAtOnce(side, tilesOf(side, outHeight), tiles, channels, outChannels);
  const planes = <usize>planesOf(side);
  return (
    workBytes(side, max(channels, outChannels)) +
    planes * (planeBytes(all, channels) + planeBytes(all, outChannels))
  );
}

/** out = in * w, any size and padding. `scratch` is of `winogradScratch` bytes. */
export function winogradConvolve(
  side: i32,
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  packed: usize,
  size: i32,
  padding: i32,
  output: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  scratch: usize,
): void {
  const tiles = tilesOf(side, outWidth);
  const rows = tilesOf(side, outHeight);
  const planes = planesOf(side);
  const d = scratch + workBytes(side, max(channels, outChannels));
  const chunk = rowsAtOnce(side, rows, tiles, channels, outChannels);
  for (let from = 0; from < rows; from += chunk) {
    const to = min(rows, from + chunk);
    const all = tiles * (to - from);
    const products = d + <usize>planes * planeBytes(all, channels);
    for (let row = from; row < to; row++) {
      const first = (row - from) * tiles;
      const top = side * row - padding;
      transformInput(side, input, height, width, channels, top, padding, tiles, all, first, d, scratch);
    }
    multiplyPlanes(planes, d, channels, packed, size, all, outChannels, products);
    for (let row = from; row < to; row++) {
      const first = (row - from) * tiles;
      const y = side * row;
      transformOutput(side, products, tiles, all, first, outChannels, y, output, outHeight, outWidth, scratch);
    }
  }
}

/**
 * Both gradients of a row of tiles at a time: sums ([planes][in][out]) += dU, and, where `inputGradient`
 * is not 0, inputGradient = dL/din.
 */
export function winogradGradients(
  side: i32,
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
  const tiles = tilesOf(side, outWidth);
  const rows = tilesOf(side, outHeight);
  const planes = planesOf(side);
  const d = scratch + workBytes(side, max(channels, outChannels));
  const chunk = rowsAtOnce(side, rows, tiles, channels, outChannels);
  const inStep = <usize>channels * LANES;
  const outStep = <usize>outChannels * LANES;
  if (inputGradient) memory.fill(inputGradient, 0, <usize>(height * width) * inStep);
  for (let from = 0; from < rows; from += chunk) {
    const to = min(rows, from + chunk);
    const all = tiles * (to - from);
    const inPlane = planeBytes(all, channels);
    const outPlane = planeBytes(all, outChannels);
    const products = d + <usize>planes * inPlane;
    for (let row = from; row < to; row++) {
      const first = (row - from) * tiles;
      const top = side * row - padding;
      transformInput(side, input, height, width, channels, top, padding, tiles, all, first, d, scratch);
      const y = side * row;
      transformGradient(side, gradient, outHeight, outWidth, outChannels, y, tiles, all, first, products, scratch);
    }
    for (let plane = 0; plane < planes; plane++) {
      const from = d + <usize>plane * inPlane;
      const by = products + <usize>plane * outPlane;
      const at = sums + (<usize>(plane * channels * outChannels) << 2);
      accumulateOuter(by, outStep, outChannels, from, inStep, channels, all, at);
    }
    if (inputGradient) {
      multiplyPlanes(planes, products, outChannels, turned, size, all, channels, d);
      for (let row = from; row < to; row++) {
        const top = side * row - padding;
        const first = (row - from) * tiles;
        transformInputGradient(side, d, tiles, all, first, channels, top, padding, inputGradient, height, width, scratch);
      }
    }
  }
}

/** out[plane][tile][o] = sum over i of in[plane][tile][i] w[plane][i][o], with weights packed by `winogradPack`. */
export function multiplyPlanes(
  planes: i32,
  input: usize,
  channels: i32,
  weights: usize,
  size: i32,
  tiles: i32,
  outChannels: i32,
  output: usize,
): void {
  const inStep = <usize>channels * LANES;
  const outStep = <usize>outChannels * LANES;
  for (let plane = 0; plane < planes; plane++) {
    const from = input + <usize>plane * planeBytes(tiles, channels);
    const to = output + <usize>plane * planeBytes(tiles, outChannels);
    const w = weights + (<usize>(plane * size) << 2);
    for (let out = 0; out < outChannels; ) {
      const tile = tileOf(outChannels - out);
      const end = from + <usize>tiles * inStep;
      const q = to + <usize>out * LANES;
      const k = w + (<usize>(out * channels) << 2);
      if (tile == 4) dots<Tile4>(from, end, inStep, k, channels, q, outStep);
      else if (tile == 3) dots<Tile3>(from, end, inStep, k, channels, q, outStep);
      else if (tile == 2) dots<Tile2>(from, end, inStep, k, channels, q, outStep);
      else dots<Tile1>(from, end, inStep, k, channels, q, outStep);
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
  channels: i32,
  q: usize,
  outStep: usize,
): void {
  for (; p < end; p += inStep, q += outStep) dotRun(sizeOfTile<Tile>(), p, w, q, channels);
}
