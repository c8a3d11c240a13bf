import { dotRun } from './dot';
import { LANES, tileOf } from './layout';
import { accumulateOuter } from './outer';

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

/** Bytes of one of the 16 planes; the odd cache line keeps the planes out of each other's cache sets. */
// @ts-ignore: decorator
@inline
function planeBytes(tiles: i32, channels: i32): usize {
  return <usize>(tiles * channels) * LANES + 64;
}

/** Bytes of D and M together that are worth having at once: half of a common 512 KiB second-level cache. */
const CHUNK: usize = 256 << 10;

/** Rows of tiles worked on at once: more make longer sums, fewer keep D and M in the cache. */
function rowsAtOnce(rows: i32, tiles: i32, channels: i32, outChannels: i32): i32 {
  const one = (<usize>(tiles * (channels + outChannels)) * LANES) << 4;
  return min(rows, max<i32>(1, <i32>(CHUNK / one)));
}

/** Bytes of scratch that `winogradConvolve` and `winogradGradients` need for D and M. */
export function winogradScratch(outHeight: i32, outWidth: i32, channels: i32, outChannels: i32): usize {
  const tiles = (outWidth + 1) >> 1;
  const all = tiles * rowsAtOnce((outHeight + 1) >> 1, tiles, channels, outChannels);
  return (planeBytes(all, channels) + planeBytes(all, outChannels)) << 4;
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

/** out = in * w, any size and padding. `scratch` holds D and M of one row of tiles. */
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
    const products = scratch + (planeBytes(all, channels) << 4);
    for (let row = from; row < to; row++) {
      transformInput(input, height, width, channels, 2 * row - padding, padding, tiles, all, (row - from) * tiles, scratch);
    }
    multiplyPlanes(scratch, channels, transformed, size, all, outChannels, products);
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
    const products = scratch + (inPlane << 4);
    for (let row = from; row < to; row++) {
      const first = (row - from) * tiles;
      transformInput(input, height, width, channels, 2 * row - padding, padding, tiles, all, first, scratch);
      transformGradient(gradient, outHeight, outWidth, outChannels, 2 * row, tiles, all, first, products);
    }
    for (let plane = 0; plane < 16; plane++) {
      accumulateOuter(
        scratch + <usize>plane * inPlane,
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
      multiplyPlanes(products, outChannels, turned, size, all, channels, scratch);
      for (let row = from; row < to; row++) {
        const first = (row - from) * tiles;
        transformInputGradient(scratch, tiles, all, first, channels, 2 * row - padding, padding, inputGradient, height, width);
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
      let p = from;
      let q = to + <usize>out * LANES;
      const k = w + (<usize>out << 2);
      const end = from + <usize>tiles * inStep;
      for (; p < end; p += inStep) {
        if (tile == 4) dotRun(4, p, k, q, channels, wStep);
        else if (tile == 3) dotRun(3, p, k, q, channels, wStep);
        else if (tile == 2) dotRun(2, p, k, q, channels, wStep);
        else dotRun(1, p, k, q, channels, wStep);
        q += outStep;
      }
      out += tile;
    }
  }
}

/** D = B' d B of the row of tiles whose inputs begin at row `top` (which may lie outside) and column -padding. */
function transformInput(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  padding: i32,
  tiles: i32,
  all: i32,
  first: i32,
  to: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  for (let tile = 0; tile < tiles; tile++) {
    const left = 2 * tile - padding;
    const at = to + <usize>(first + tile) * pixel;
    if (top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width) {
      const from = input + <usize>top * row + <usize>left * pixel;
      for (let at16: usize = 0; at16 < pixel; at16 += 16) {
        const p = from + at16;
        const q = at + at16;
        inputRow(false, p, p + 2 * row, pixel, q, plane);
        inputRow(true, p + row, p + 2 * row, pixel, q + 4 * plane, plane);
        inputRow(false, p + 2 * row, p + row, pixel, q + 8 * plane, plane);
        inputRow(false, p + row, p + 3 * row, pixel, q + 12 * plane, plane);
      }
    } else {
      for (let at16: usize = 0; at16 < pixel; at16 += 16) {
        edgeRow(false, input + at16, top, top + 2, left, height, width, pixel, at + at16, plane);
        edgeRow(true, input + at16, top + 1, top + 2, left, height, width, pixel, at + at16 + 4 * plane, plane);
        edgeRow(false, input + at16, top + 2, top + 1, left, height, width, pixel, at + at16 + 8 * plane, plane);
        edgeRow(false, input + at16, top + 1, top + 3, left, height, width, pixel, at + at16 + 12 * plane, plane);
      }
    }
  }
}

/** One row of D: first the rows p and q (sum or difference), then the columns. */
// @ts-ignore: decorator
@inline
function inputRow(sum: bool, p: usize, q: usize, pixel: usize, to: usize, plane: usize): void {
  const d0 = combine(sum, v128.load(p), v128.load(q));
  const d1 = combine(sum, v128.load(p + pixel), v128.load(q + pixel));
  const d2 = combine(sum, v128.load(p + 2 * pixel), v128.load(q + 2 * pixel));
  const d3 = combine(sum, v128.load(p + 3 * pixel), v128.load(q + 3 * pixel));
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + plane, f32x4.add(d1, d2));
  v128.store(to + 2 * plane, f32x4.sub(d2, d1));
  v128.store(to + 3 * plane, f32x4.sub(d1, d3));
}

/** `inputRow` where pixels outside the image count as 0. */
function edgeRow(
  sum: bool,
  input: usize,
  y0: i32,
  y1: i32,
  left: i32,
  height: i32,
  width: i32,
  pixel: usize,
  to: usize,
  plane: usize,
): void {
  const d0 = combine(sum, pixelOr0(input, y0, left, height, width, pixel), pixelOr0(input, y1, left, height, width, pixel));
  const d1 = combine(sum, pixelOr0(input, y0, left + 1, height, width, pixel), pixelOr0(input, y1, left + 1, height, width, pixel));
  const d2 = combine(sum, pixelOr0(input, y0, left + 2, height, width, pixel), pixelOr0(input, y1, left + 2, height, width, pixel));
  const d3 = combine(sum, pixelOr0(input, y0, left + 3, height, width, pixel), pixelOr0(input, y1, left + 3, height, width, pixel));
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + plane, f32x4.add(d1, d2));
  v128.store(to + 2 * plane, f32x4.sub(d2, d1));
  v128.store(to + 3 * plane, f32x4.sub(d1, d3));
}

// @ts-ignore: decorator
@inline
function combine(sum: bool, a: v128, b: v128): v128 {
  return sum ? f32x4.add(a, b) : f32x4.sub(a, b);
}

function pixelOr0(input: usize, y: i32, x: i32, height: i32, width: i32, pixel: usize): v128 {
  if (<u32>y >= <u32>height || <u32>x >= <u32>width) return f32x4.splat(0);
  return v128.load(input + <usize>(y * width + x) * pixel);
}

/** out = A' M A: rows y and y + 1 of the output, as far as they exist. */
function transformOutput(
  products: usize,
  tiles: i32,
  all: i32,
  first: i32,
  channels: i32,
  y: i32,
  output: usize,
  height: i32,
  width: i32,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  const second = y + 1 < height;
  for (let tile = 0; tile < tiles; tile++) {
    const from = products + <usize>(first + tile) * pixel;
    const to = output + <usize>y * row + <usize>(2 * tile) * pixel;
    const whole = 2 * tile + 1 < width;
    for (let at: usize = 0; at < pixel; at += 16) {
      outputRow(true, from + at, plane, to + at, pixel, whole);
      if (second) outputRow(false, from + at, plane, to + at + row, pixel, whole);
    }
  }
}

// @ts-ignore: decorator
@inline
function outputRow(first: bool, m: usize, plane: usize, to: usize, pixel: usize, whole: bool): void {
  const s0 = outputColumn(first, m, plane);
  const s1 = outputColumn(first, m + plane, plane);
  const s2 = outputColumn(first, m + 2 * plane, plane);
  const s3 = outputColumn(first, m + 3 * plane, plane);
  v128.store(to, f32x4.add(s0, f32x4.add(s1, s2)));
  if (whole) v128.store(to + pixel, f32x4.sub(f32x4.sub(s1, s2), s3));
}

// @ts-ignore: decorator
@inline
function outputColumn(first: bool, m: usize, plane: usize): v128 {
  const m1 = v128.load(m + 4 * plane);
  const m2 = v128.load(m + 8 * plane);
  return first
    ? f32x4.add(v128.load(m), f32x4.add(m1, m2))
    : f32x4.sub(f32x4.sub(m1, m2), v128.load(m + 12 * plane));
}

/** dM = A dout A' of the row of tiles at output row y; outputs that do not exist have no gradient. */
function transformGradient(
  gradient: usize,
  height: i32,
  width: i32,
  channels: i32,
  y: i32,
  tiles: i32,
  all: i32,
  first: i32,
  to: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  const second = y + 1 < height;
  const zero = f32x4.splat(0);
  for (let tile = 0; tile < tiles; tile++) {
    const whole = 2 * tile + 1 < width;
    const from = gradient + <usize>y * row + <usize>(2 * tile) * pixel;
    for (let at: usize = 0; at < pixel; at += 16) {
      const p = from + at;
      const q = to + <usize>(first + tile) * pixel + at;
      const a = v128.load(p);
      const b = whole ? v128.load(p + pixel) : zero;
      const c = second ? v128.load(p + row) : zero;
      const d = second && whole ? v128.load(p + row + pixel) : zero;
      gradientRow(a, b, q, plane);
      gradientRow(f32x4.add(a, c), f32x4.add(b, d), q + 4 * plane, plane);
      gradientRow(f32x4.sub(a, c), f32x4.sub(b, d), q + 8 * plane, plane);
      gradientRow(f32x4.neg(c), f32x4.neg(d), q + 12 * plane, plane);
    }
  }
}

// @ts-ignore: decorator
@inline
function gradientRow(u: v128, v: v128, to: usize, plane: usize): void {
  v128.store(to, u);
  v128.store(to + plane, f32x4.add(u, v));
  v128.store(to + 2 * plane, f32x4.sub(u, v));
  v128.store(to + 3 * plane, f32x4.neg(v));
}

/** din += B dD B', where tiles overlap by two rows and two columns; what falls outside the image is dropped. */
function transformInputGradient(
  from: usize,
  tiles: i32,
  all: i32,
  first: i32,
  channels: i32,
  top: i32,
  padding: i32,
  inputGradient: usize,
  height: i32,
  width: i32,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  for (let tile = 0; tile < tiles; tile++) {
    const left = 2 * tile - padding;
    const inside = top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width;
    for (let at: usize = 0; at < pixel; at += 16) {
      const p = from + <usize>(first + tile) * pixel + at;
      const q = inputGradient + at;
      inputGradientRow(0, p, plane, q, top, left, height, width, pixel, inside);
      inputGradientRow(1, p, plane, q, top + 1, left, height, width, pixel, inside);
      inputGradientRow(2, p, plane, q, top + 2, left, height, width, pixel, inside);
      inputGradientRow(3, p, plane, q, top + 3, left, height, width, pixel, inside);
    }
  }
}

// @ts-ignore: decorator
@inline
function inputGradientRow(
  r: i32,
  d: usize,
  plane: usize,
  to: usize,
  y: i32,
  left: i32,
  height: i32,
  width: i32,
  pixel: usize,
  inside: bool,
): void {
  if (!inside && <u32>y >= <u32>height) return;
  const c0 = inputGradientColumn(r, d, plane);
  const c1 = inputGradientColumn(r, d + plane, plane);
  const c2 = inputGradientColumn(r, d + 2 * plane, plane);
  const c3 = inputGradientColumn(r, d + 3 * plane, plane);
  const at = to + <usize>(y * width + left) * pixel;
  if (inside || <u32>left < <u32>width) add(at, c0);
  if (inside || <u32>(left + 1) < <u32>width) add(at + pixel, f32x4.add(f32x4.sub(c1, c2), c3));
  if (inside || <u32>(left + 2) < <u32>width) add(at + 2 * pixel, f32x4.sub(f32x4.add(c1, c2), c0));
  if (inside || <u32>(left + 3) < <u32>width) add(at + 3 * pixel, f32x4.neg(c3));
}

// @ts-ignore: decorator
@inline
function inputGradientColumn(r: i32, d: usize, plane: usize): v128 {
  if (r == 0) return v128.load(d);
  if (r == 3) return f32x4.neg(v128.load(d + 12 * plane));
  const d1 = v128.load(d + 4 * plane);
  const d2 = v128.load(d + 8 * plane);
  return r == 1
    ? f32x4.add(f32x4.sub(d1, d2), v128.load(d + 12 * plane))
    : f32x4.sub(f32x4.add(d1, d2), v128.load(d));
}

// @ts-ignore: decorator
@inline
function add(at: usize, value: v128): void {
  v128.store(at, f32x4.add(v128.load(at), value));
}
