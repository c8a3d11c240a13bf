import { placeOf } from './kernel';
import { isYes, LANES, No, Yes } from './layout';
import { findTaps, firstSource, tapCount, Window } from './window';

/** Max and average pooling of any window, stride and padding; a window as large as the map is global pooling. */

@unmanaged
export class Pool extends Window {
  input: usize;
  inputStride: i32;
  output: usize;
  outputStride: i32;
  /** Of average pooling. 1: zeros of the padding count, as PyTorch has it; 0: the mean of what lies inside the map, as TensorFlow has it. */
  countsPadding: i32;
}

@unmanaged
export class PoolGradient extends Pool {
  gradient: usize;
  gradientStride: i32;
  inputGradient: usize;
  inputGradientStride: i32;
  /** 1: adds to what is there. */
  adds: i32;
  /** Of max pooling. 1: each of several equal maxima gets the gradient, as the maximum over a whole map has it in tfjs; 0: the first one. */
  toAll: i32;
}

/** output = maximum of the window; what is padded never is it. */
export function maxPool(d: Pool, block: i32, live: i32, shard: i32, thread: i32): void {
  if (isTwoByTwo(d)) maxOfFour(d, placeOf(d.input, d.inputStride, block), placeOf(d.output, d.outputStride, block));
  else pool(d, block, true);
}

/** output = mean of the window. */
export function averagePool(d: Pool, block: i32, live: i32, shard: i32, thread: i32): void {
  pool(d, block, false);
}

/** Gives the gradient of each maximum to where it was found. */
export function maxPoolGradient(d: PoolGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  if (!isTwoByTwo(d) || d.toAll) poolGradient(d, block, true);
  else if (d.adds) maxOfFourGradient<Yes>(d, block);
  else maxOfFourGradient<No>(d, block);
}

/** Windows of 2x2 side by side, which is what most networks have: nothing is to be found out about them. */
// @ts-ignore: decorator
@inline
function isTwoByTwo(d: Window): bool {
  const isKernel = d.kernelHeight == 2 && d.kernelWidth == 2 && d.strideHeight == 2 && d.strideWidth == 2;
  const isUnpadded = d.paddingTop == 0 && d.paddingLeft == 0 && 2 * d.outHeight <= d.height && 2 * d.outWidth <= d.width;
  return isKernel && isUnpadded;
}

function maxOfFour(d: Pool, input: usize, to: usize): void {
  const pixel = <usize>d.channels * LANES;
  const line = <usize>d.width * pixel;
  for (let y = 0; y < d.outHeight; y++) {
    let from = input + <usize>(2 * y) * line;
    for (let x = 0; x < d.outWidth; x++, from += pixel) {
      for (const end = from + pixel; from < end; from += 16, to += 16) {
        const top = f32x4.pmax(v128.load(from), v128.load(from + pixel));
        v128.store(to, f32x4.pmax(f32x4.pmax(top, v128.load(from + line)), v128.load(from + line + pixel)));
      }
    }
  }
}

/** The first of equal maxima gets the gradient. */
function maxOfFourGradient<Adds>(d: PoolGradient, block: i32): void {
  const inputGradient = placeOf(d.inputGradient, d.inputGradientStride, block);
  const toInput = placeOf(d.input, d.inputStride, block) - inputGradient;
  let out = placeOf(d.output, d.outputStride, block);
  const toGradient = placeOf(d.gradient, d.gradientStride, block) - out;
  const pixel = <usize>d.channels * LANES;
  const line = <usize>d.width * pixel;
  // With an odd height or width the last row or column belongs to no window.
  if (!isYes<Adds>() && (d.height | d.width) & 1) memory.fill(inputGradient, 0, <usize>d.height * line);
  for (let y = 0; y < d.outHeight; y++) {
    let at = inputGradient + <usize>(2 * y) * line;
    for (let x = 0; x < d.outWidth; x++, at += pixel) {
      for (const end = at + pixel; at < end; at += 16, out += 16) {
        const maximum = v128.load(out);
        let share = v128.load(out + toGradient);
        share = give<Adds>(at, toInput, maximum, share);
        share = give<Adds>(at + pixel, toInput, maximum, share);
        share = give<Adds>(at + line, toInput, maximum, share);
        give<Adds>(at + line + pixel, toInput, maximum, share);
      }
    }
  }
}

/** Gives the gradient to the lanes that hold the maximum; returns what is left for others. */
// @ts-ignore: decorator
@inline
function give<Adds>(at: usize, toInput: usize, maximum: v128, share: v128): v128 {
  const is = f32x4.eq(v128.load(at + toInput), maximum);
  v128.store(at, f32x4.add(isYes<Adds>() ? v128.load(at) : f32x4.splat(0), v128.and(share, is)));
  return v128.andnot(share, is);
}

export function averagePoolGradient(d: PoolGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  poolGradient(d, block, false);
}

/** `isMax` is known where this is inlined: what it does not need is left out. */
// @ts-ignore: decorator
@inline
function pool(d: Pool, block: i32, isMax: bool): void {
  const input = placeOf(d.input, d.inputStride, block);
  let to = placeOf(d.output, d.outputStride, block);
  const pixel = <usize>d.channels * LANES;
  const line = <usize>d.width * pixel;
  for (let y = 0; y < d.outHeight; y++) {
    const rows = tapsOfRow(d, y);
    const row = input + <usize>firstSource * line;
    for (let x = 0; x < d.outWidth; x++) {
      const columns = tapsOfColumn(d, x);
      const from = row + <usize>firstSource * pixel;
      const width = <usize>columns * pixel;
      const count = f32x4.splat(countOf(d, rows, columns));
      for (let at: usize = 0; at < pixel; at += 16, to += 16) {
        let value = isMax ? v128.load(from + at) : f32x4.splat(0);
        for (let p = from + at, last = p + <usize>rows * line; p < last; p += line) {
          for (let q = p, end = p + width; q < end; q += pixel) {
            value = isMax ? f32x4.pmax(value, v128.load(q)) : f32x4.add(value, v128.load(q));
          }
        }
        v128.store(to, isMax ? value : f32x4.div(value, count));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function poolGradient(d: PoolGradient, block: i32, isMax: bool): void {
  const inputGradient = placeOf(d.inputGradient, d.inputGradientStride, block);
  const toInput = placeOf(d.input, d.inputStride, block) - inputGradient;
  let out = placeOf(d.output, d.outputStride, block);
  let gradient = placeOf(d.gradient, d.gradientStride, block);
  const pixel = <usize>d.channels * LANES;
  const line = <usize>d.width * pixel;
  if (!d.adds) memory.fill(inputGradient, 0, <usize>d.height * line);
  for (let y = 0; y < d.outHeight; y++) {
    const rows = tapsOfRow(d, y);
    const row = inputGradient + <usize>firstSource * line;
    for (let x = 0; x < d.outWidth; x++) {
      const columns = tapsOfColumn(d, x);
      const from = row + <usize>firstSource * pixel;
      const width = <usize>columns * pixel;
      const count = f32x4.splat(countOf(d, rows, columns));
      for (let at: usize = 0; at < pixel; at += 16, out += 16, gradient += 16) {
        let share = v128.load(gradient);
        const maximum = isMax ? v128.load(out) : share;
        if (!isMax) share = f32x4.div(share, count);
        for (let p = from + at, last = p + <usize>rows * line; p < last; p += line) {
          for (let q = p, end = p + width; q < end; q += pixel) {
            if (isMax) {
              const is = f32x4.eq(v128.load(q + toInput), maximum);
              v128.store(q, f32x4.add(v128.load(q), v128.and(share, is)));
              if (!d.toAll) share = v128.andnot(share, is);
            } else v128.store(q, f32x4.add(v128.load(q), share));
          }
        }
      }
    }
  }
}

/** By what a mean divides. */
// @ts-ignore: decorator
@inline
function countOf(d: Pool, rows: i32, columns: i32): f32 {
  return <f32>(d.countsPadding ? d.kernelHeight * d.kernelWidth : rows * columns);
}

/** How many rows of the map output row `y` sees; `firstSource` is the first. */
// @ts-ignore: decorator
@inline
function tapsOfRow(d: Window, y: i32): i32 {
  findTaps(y, d.strideHeight, d.paddingTop, 1, 1, d.kernelHeight, d.height);
  return tapCount;
}

// @ts-ignore: decorator
@inline
function tapsOfColumn(d: Window, x: i32): i32 {
  findTaps(x, d.strideWidth, d.paddingLeft, 1, 1, d.kernelWidth, d.width);
  return tapCount;
}
