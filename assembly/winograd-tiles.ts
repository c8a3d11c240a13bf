import { LANES } from './layout';
import * as four from './winograd-four';
import * as two from './winograd-two';

/**
 * Rows of tiles of images into the planes of `winograd.ts` and back. A tile that reaches over the edge of the image is
 * handled by way of a patch, its pixels by themselves with zeros around them, and no other asks where it is: a branch for
 * each vector cost more than its additions.
 */

/** Bytes of one plane: an odd number of cache lines, so that the same place of all planes falls into different cache sets. */
// @ts-ignore: decorator
@inline
export function planeBytes(tiles: i32, channels: i32): usize {
  return (((<usize>(tiles * channels) * LANES + 63) >> 6) | 1) << 6;
}

/** Bytes that a row of tiles needs while it is worked on: a patch and what stands between two steps of a tile. */
export function workBytes(side: i32, channels: i32): usize {
  return four.BETWEEN + <usize>((side + 2) * (side + 2) * channels) * LANES;
}

/** D = B' d B of the row of tiles whose inputs begin at row `top` (which may lie outside) and column -padding. */
export function transformInput(
  side: i32,
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
  work: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  const patch = work + four.BETWEEN;
  const reach = side + 2;
  for (let tile = 0; tile < tiles; tile++) {
    const left = side * tile - padding;
    const at = to + <usize>(first + tile) * pixel;
    let from = input + <usize>top * row + <usize>left * pixel;
    let step = row;
    if (!isInside(top, left, reach, height, width)) {
      cutPatch(input, height, width, pixel, top, left, reach, patch);
      from = patch;
      step = <usize>reach * pixel;
    }
    if (side == 4) four.inputTile(from, pixel, step, at, plane, work);
    else two.inputTile(from, pixel, step, at, plane);
  }
}

/** out = A' M A of the row of tiles at output row y; outputs that do not exist are dropped. */
export function transformOutput(
  side: i32,
  products: usize,
  tiles: i32,
  all: i32,
  first: i32,
  channels: i32,
  y: i32,
  output: usize,
  height: i32,
  width: i32,
  work: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  const patch = work + four.BETWEEN;
  for (let tile = 0; tile < tiles; tile++) {
    const x = side * tile;
    const from = products + <usize>(first + tile) * pixel;
    const isWhole = isInside(y, x, side, height, width);
    const to = isWhole ? output + <usize>y * row + <usize>x * pixel : patch;
    const step = isWhole ? row : <usize>side * pixel;
    if (side == 4) four.outputTile(from, plane, to, pixel, step, work);
    else two.outputTile(from, plane, to, pixel, step);
    if (!isWhole) pastePatch(false, patch, output, height, width, pixel, y, x, side);
  }
}

/** dM = A dout A' of the row of tiles at output row y; outputs that do not exist have no gradient. */
export function transformGradient(
  side: i32,
  gradient: usize,
  height: i32,
  width: i32,
  channels: i32,
  y: i32,
  tiles: i32,
  all: i32,
  first: i32,
  to: usize,
  work: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  const patch = work + four.BETWEEN;
  for (let tile = 0; tile < tiles; tile++) {
    const x = side * tile;
    const at = to + <usize>(first + tile) * pixel;
    let from = gradient + <usize>y * row + <usize>x * pixel;
    let step = row;
    if (!isInside(y, x, side, height, width)) {
      cutPatch(gradient, height, width, pixel, y, x, side, patch);
      from = patch;
      step = <usize>side * pixel;
    }
    if (side == 4) four.gradientTile(from, pixel, step, at, plane, work);
    else two.gradientTile(from, pixel, step, at, plane);
  }
}

/** din += B dD B', where tiles overlap by two rows and two columns; what falls outside the image is dropped. */
export function transformInputGradient(
  side: i32,
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
  work: usize,
): void {
  const plane = planeBytes(all, channels);
  const pixel = <usize>channels * LANES;
  const row = <usize>width * pixel;
  const patch = work + four.BETWEEN;
  const reach = side + 2;
  for (let tile = 0; tile < tiles; tile++) {
    const left = side * tile - padding;
    const p = from + <usize>(first + tile) * pixel;
    const isWhole = isInside(top, left, reach, height, width);
    const to = isWhole ? inputGradient + <usize>top * row + <usize>left * pixel : patch;
    const step = isWhole ? row : <usize>reach * pixel;
    if (!isWhole) memory.fill(patch, 0, <usize>(reach * reach) * pixel);
    if (side == 4) four.inputGradientTile(p, plane, to, pixel, step, work);
    else two.inputGradientTile(p, plane, to, pixel, step);
    if (!isWhole) pastePatch(true, patch, inputGradient, height, width, pixel, top, left, reach);
  }
}

/** Whether all of the square of `side` pixels from (top, left) on lies inside the image. */
// @ts-ignore: decorator
@inline
function isInside(top: i32, left: i32, side: i32, height: i32, width: i32): bool {
  return top >= 0 && left >= 0 && top + side <= height && left + side <= width;
}

/** The square of pixels from (top, left) on, by themselves; those outside the image are 0. */
function cutPatch(
  image: usize,
  height: i32,
  width: i32,
  pixel: usize,
  top: i32,
  left: i32,
  side: i32,
  patch: usize,
): void {
  let to = patch;
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++, to += pixel) {
      if (<u32>y >= <u32>height || <u32>x >= <u32>width) memory.fill(to, 0, pixel);
      else copyPixel(image + <usize>(y * width + x) * pixel, to, pixel);
    }
  }
}

/** Writes what of a patch lies inside the image, or adds it to what is there. */
function pastePatch(
  adds: bool,
  patch: usize,
  image: usize,
  height: i32,
  width: i32,
  pixel: usize,
  top: i32,
  left: i32,
  side: i32,
): void {
  let from = patch;
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++, from += pixel) {
      if (<u32>y >= <u32>height || <u32>x >= <u32>width) continue;
      const to = image + <usize>(y * width + x) * pixel;
      if (adds) addPixel(from, to, pixel);
      else copyPixel(from, to, pixel);
    }
  }
}

// @ts-ignore: decorator
@inline
function copyPixel(from: usize, to: usize, pixel: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) v128.store(to + at, v128.load(from + at));
}

// @ts-ignore: decorator
@inline
function addPixel(from: usize, to: usize, pixel: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}
