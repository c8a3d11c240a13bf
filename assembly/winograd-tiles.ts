import { LANES } from './layout';

/**
 * Tiles of images into the planes of `winograd.ts` and back, a row of tiles at a time: its D = B' d B, out = A' M A and
 * their adjoints, dM = A dout A' and dd = B dD B'. The transforms only add, so loads, stores and branches are what they
 * cost: a tile that reaches over the edge of the image is handled by way of a patch, and no other asks where it is.
 */

/** Bytes of one of the 16 planes; the odd cache line keeps the planes out of each other's cache sets. */
// @ts-ignore: decorator
@inline
export function planeBytes(tiles: i32, channels: i32): usize {
  return <usize>(tiles * channels) * LANES + 64;
}

/** Bytes of a patch: the 4x4 pixels of a tile that reaches over the edge of the image, by themselves. */
// @ts-ignore: decorator
@inline
export function patchBytes(channels: i32): usize {
  return (<usize>channels * LANES) << 4;
}

/** D = B' d B of the row of tiles whose inputs begin at row `top` (which may lie outside) and column -padding. */
export function transformInput(
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
  patch: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  for (let tile = 0; tile < tiles; tile++) {
    const left = 2 * tile - padding;
    const at = to + <usize>(first + tile) * pixel;
    if (top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width) {
      inputTile(input + <usize>top * row + <usize>left * pixel, pixel, row, at, plane);
    } else {
      cutPatch(input, height, width, pixel, top, left, patch);
      inputTile(patch, pixel, 4 * pixel, at, plane);
    }
  }
}

function inputTile(from: usize, pixel: usize, row: usize, to: usize, plane: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    const p = from + at;
    const q = to + at;
    outerRow(p, p + 2 * row, pixel, q, plane);
    middleRows(p + row, p + 2 * row, pixel, q + 4 * plane, plane);
    outerRow(p + row, p + 3 * row, pixel, q + 12 * plane, plane);
  }
}

/** The first or last row of D: rows p minus q, then the columns. */
// @ts-ignore: decorator
@inline
function outerRow(p: usize, q: usize, pixel: usize, to: usize, plane: usize): void {
  storeColumns(
    to,
    plane,
    f32x4.sub(v128.load(p), v128.load(q)),
    f32x4.sub(v128.load(p + pixel), v128.load(q + pixel)),
    f32x4.sub(v128.load(p + 2 * pixel), v128.load(q + 2 * pixel)),
    f32x4.sub(v128.load(p + 3 * pixel), v128.load(q + 3 * pixel)),
  );
}

/** The second and third row of D: sum and difference of the same two rows, then the columns. */
// @ts-ignore: decorator
@inline
function middleRows(p: usize, q: usize, pixel: usize, to: usize, plane: usize): void {
  const p0 = v128.load(p), q0 = v128.load(q);
  const s0 = f32x4.add(p0, q0), t0 = f32x4.sub(q0, p0);
  const p1 = v128.load(p + pixel), q1 = v128.load(q + pixel);
  const s1 = f32x4.add(p1, q1), t1 = f32x4.sub(q1, p1);
  const p2 = v128.load(p + 2 * pixel), q2 = v128.load(q + 2 * pixel);
  const s2 = f32x4.add(p2, q2), t2 = f32x4.sub(q2, p2);
  const p3 = v128.load(p + 3 * pixel), q3 = v128.load(q + 3 * pixel);
  const s3 = f32x4.add(p3, q3), t3 = f32x4.sub(q3, p3);
  storeColumns(to, plane, s0, s1, s2, s3);
  storeColumns(to + 4 * plane, plane, t0, t1, t2, t3);
}

// @ts-ignore: decorator
@inline
function storeColumns(to: usize, plane: usize, d0: v128, d1: v128, d2: v128, d3: v128): void {
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + plane, f32x4.add(d1, d2));
  v128.store(to + 2 * plane, f32x4.sub(d2, d1));
  v128.store(to + 3 * plane, f32x4.sub(d1, d3));
}

/** The 4x4 pixels from (top, left) on, by themselves; those outside the image are 0. */
function cutPatch(input: usize, height: i32, width: i32, pixel: usize, top: i32, left: i32, patch: usize): void {
  let to = patch;
  for (let y = top; y < top + 4; y++) {
    for (let x = left; x < left + 4; x++, to += pixel) {
      if (<u32>y >= <u32>height || <u32>x >= <u32>width) {
        for (let at: usize = 0; at < pixel; at += 16) v128.store(to + at, f32x4.splat(0));
      } else {
        const from = input + <usize>(y * width + x) * pixel;
        for (let at: usize = 0; at < pixel; at += 16) v128.store(to + at, v128.load(from + at));
      }
    }
  }
}

/** out = A' M A: rows y and y + 1 of the output, as far as they exist. */
export function transformOutput(
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
    // Whole tiles are nearly all of them, and a branch for each vector would cost as much as its arithmetic.
    if (second && 2 * tile + 1 < width) {
      wholeTile(from, plane, to, pixel, row);
    } else {
      const whole = 2 * tile + 1 < width;
      for (let at: usize = 0; at < pixel; at += 16) outputTile(whole, second, from + at, plane, to + at, pixel, row);
    }
  }
}

function wholeTile(from: usize, plane: usize, to: usize, pixel: usize, row: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) outputTile(true, true, from + at, plane, to + at, pixel, row);
}

// @ts-ignore: decorator
@inline
function outputTile(whole: bool, second: bool, m: usize, plane: usize, to: usize, pixel: usize, row: usize): void {
  const s0 = upper(m, plane), t0 = lower(m, plane);
  const s1 = upper(m + plane, plane), t1 = lower(m + plane, plane);
  const s2 = upper(m + 2 * plane, plane), t2 = lower(m + 2 * plane, plane);
  const s3 = upper(m + 3 * plane, plane), t3 = lower(m + 3 * plane, plane);
  v128.store(to, f32x4.add(s0, f32x4.add(s1, s2)));
  if (whole) v128.store(to + pixel, f32x4.sub(f32x4.sub(s1, s2), s3));
  if (second) {
    v128.store(to + row, f32x4.add(t0, f32x4.add(t1, t2)));
    if (whole) v128.store(to + row + pixel, f32x4.sub(f32x4.sub(t1, t2), t3));
  }
}

/** The first row of A' M, column m. */
// @ts-ignore: decorator
@inline
function upper(m: usize, plane: usize): v128 {
  return f32x4.add(v128.load(m), f32x4.add(v128.load(m + 4 * plane), v128.load(m + 8 * plane)));
}

/** The second row of A' M, column m. */
// @ts-ignore: decorator
@inline
function lower(m: usize, plane: usize): v128 {
  return f32x4.sub(f32x4.sub(v128.load(m + 4 * plane), v128.load(m + 8 * plane)), v128.load(m + 12 * plane));
}

/** dM = A dout A' of the row of tiles at output row y; outputs that do not exist have no gradient. */
export function transformGradient(
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
  for (let tile = 0; tile < tiles; tile++) {
    const whole = 2 * tile + 1 < width;
    const from = gradient + <usize>y * row + <usize>(2 * tile) * pixel;
    const at = to + <usize>(first + tile) * pixel;
    if (second && whole) wholeGradientTile(from, pixel, row, at, plane);
    else edgeGradientTile(whole, second, from, pixel, row, at, plane);
  }
}

function wholeGradientTile(from: usize, pixel: usize, row: usize, to: usize, plane: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    const p = from + at;
    gradientTile(v128.load(p), v128.load(p + pixel), v128.load(p + row), v128.load(p + row + pixel), to + at, plane);
  }
}

function edgeGradientTile(
  whole: bool,
  second: bool,
  from: usize,
  pixel: usize,
  row: usize,
  to: usize,
  plane: usize,
): void {
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < pixel; at += 16) {
    const p = from + at;
    const b = whole ? v128.load(p + pixel) : zero;
    const c = second ? v128.load(p + row) : zero;
    const d = whole && second ? v128.load(p + row + pixel) : zero;
    gradientTile(v128.load(p), b, c, d, to + at, plane);
  }
}

// @ts-ignore: decorator
@inline
function gradientTile(a: v128, b: v128, c: v128, d: v128, to: usize, plane: usize): void {
  gradientRow(a, b, to, plane);
  gradientRow(f32x4.add(a, c), f32x4.add(b, d), to + 4 * plane, plane);
  gradientRow(f32x4.sub(a, c), f32x4.sub(b, d), to + 8 * plane, plane);
  gradientRow(f32x4.neg(c), f32x4.neg(d), to + 12 * plane, plane);
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
export function transformInputGradient(
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
  patch: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  for (let tile = 0; tile < tiles; tile++) {
    const left = 2 * tile - padding;
    const p = from + <usize>(first + tile) * pixel;
    if (top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width) {
      inputGradientTile(p, plane, inputGradient + <usize>top * row + <usize>left * pixel, pixel, row);
    } else {
      for (let at: usize = 0; at < pixel << 4; at += 16) v128.store(patch + at, f32x4.splat(0));
      inputGradientTile(p, plane, patch, pixel, 4 * pixel);
      addPatch(patch, inputGradient, height, width, pixel, top, left);
    }
  }
}

function inputGradientTile(from: usize, plane: usize, to: usize, pixel: usize, row: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    addRow(true, from + at, plane, to + at, pixel);
    addMiddleRows(from + at, plane, to + at + row, pixel, row);
    addRow(false, from + at + 12 * plane, plane, to + at + 3 * row, pixel);
  }
}

/** Adds what of a patch lies inside the image. */
function addPatch(patch: usize, image: usize, height: i32, width: i32, pixel: usize, top: i32, left: i32): void {
  let from = patch;
  for (let y = top; y < top + 4; y++) {
    for (let x = left; x < left + 4; x++, from += pixel) {
      if (<u32>y >= <u32>height || <u32>x >= <u32>width) continue;
      const to = image + <usize>(y * width + x) * pixel;
      for (let at: usize = 0; at < pixel; at += 16) add(true, to + at, v128.load(from + at));
    }
  }
}

/** The first row of B dD B' (plus) or the last, which is the same of the last row of dD, taken away. */
// @ts-ignore: decorator
@inline
function addRow(plus: bool, d: usize, plane: usize, to: usize, pixel: usize): void {
  const c0 = v128.load(d);
  const c1 = v128.load(d + plane);
  const c2 = v128.load(d + 2 * plane);
  const c3 = v128.load(d + 3 * plane);
  addColumns(plus, to, pixel, c0, c1, c2, c3);
}

/** The second and third row of B dD B', which come of the same values. */
// @ts-ignore: decorator
@inline
function addMiddleRows(d: usize, plane: usize, to: usize, pixel: usize, row: usize): void {
  const a1 = v128.load(d + 4 * plane), a2 = v128.load(d + 8 * plane);
  const a = f32x4.add(f32x4.sub(a1, a2), v128.load(d + 12 * plane));
  const u = f32x4.sub(f32x4.add(a1, a2), v128.load(d));
  const b1 = v128.load(d + 5 * plane), b2 = v128.load(d + 9 * plane);
  const b = f32x4.add(f32x4.sub(b1, b2), v128.load(d + 13 * plane));
  const v = f32x4.sub(f32x4.add(b1, b2), v128.load(d + plane));
  const c1 = v128.load(d + 6 * plane), c2 = v128.load(d + 10 * plane);
  const c = f32x4.add(f32x4.sub(c1, c2), v128.load(d + 14 * plane));
  const w = f32x4.sub(f32x4.add(c1, c2), v128.load(d + 2 * plane));
  const e1 = v128.load(d + 7 * plane), e2 = v128.load(d + 11 * plane);
  const e = f32x4.add(f32x4.sub(e1, e2), v128.load(d + 15 * plane));
  const x = f32x4.sub(f32x4.add(e1, e2), v128.load(d + 3 * plane));
  addColumns(true, to, pixel, a, b, c, e);
  addColumns(true, to + row, pixel, u, v, w, x);
}

/** to += (or -=) a row of four columns times B'. */
// @ts-ignore: decorator
@inline
function addColumns(plus: bool, to: usize, pixel: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  add(plus, to, c0);
  add(plus, to + pixel, f32x4.add(f32x4.sub(c1, c2), c3));
  add(plus, to + 2 * pixel, f32x4.sub(f32x4.add(c1, c2), c0));
  add(!plus, to + 3 * pixel, c3);
}

// @ts-ignore: decorator
@inline
function add(plus: bool, at: usize, value: v128): void {
  const before = v128.load(at);
  v128.store(at, plus ? f32x4.add(before, value) : f32x4.sub(before, value));
}
