import { liveLanes } from './batch-norm';
import { placeOf } from './kernel';
import { LANES, sizeOfTile, Tile1, Tile2, Tile3, Tile4, tileOf } from './layout';
import { endSeeing, findTaps, firstSeeing, firstSource, firstTap, sourceStepOf, tapCount, tapStepOf, Window } from './window';

/**
 * Convolution of any kernel, stride, dilation, padding and number of groups, and its input gradient, as it is written down. Weights are
 * packed by `packWeights`: tiles of output channels one after the other, so that the innermost loop reads them in a row, however many channels there are.
 */

@unmanaged
export class Gather extends Window {
  input: usize;
  inputStride: i32;
  weights: usize;
  /** f32 [outChannels]; 0: none. */
  bias: usize;
  output: usize;
  outputStride: i32;
  /** 1: adds to what is there. */
  adds: i32;
  groups: i32;
  /** Stretch of the source: the stride of the convolution whose input gradient this is, else 1. */
  upHeight: i32;
  upWidth: i32;
}

/** output[y][x][o] = bias[o] + sum over the taps and channels of o's group. */
export function gather(d: Gather, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  const perTile = d.kernelHeight * d.kernelWidth * (d.channels / d.groups);
  // Whatever is larger is read once: all weights for a row of outputs, or all inputs for a tile of channels.
  const rows = perTile * d.outChannels > d.height * d.width * d.channels * 8 ? d.outHeight : 1;
  for (let y = 0; y < d.outHeight; y += rows) {
    for (let group = 0; group < d.groups; group++) {
      gatherRows(d, input, output, y, y + rows, group, live);
    }
  }
}

function gatherRows(d: Gather, input: usize, output: usize, from: i32, to: i32, group: i32, live: i32): void {
  const own = d.outChannels / d.groups;
  const perChannel = d.kernelHeight * d.kernelWidth * (d.channels / d.groups);
  const source = input + <usize>(group * (d.channels / d.groups)) * LANES;
  for (let o = 0; o < own; ) {
    const tile = tileOf(own - o);
    const out = group * own + o;
    const weights = d.weights + (<usize>(out * perChannel) << 2);
    for (let y = from; y < to; y++) {
      findTaps(y, d.strideHeight, d.paddingTop, d.dilationHeight, d.upHeight, d.kernelHeight, d.height);
      if (tile == 4) row<Tile4>(d, source, weights, output, y, out, live);
      else if (tile == 3) row<Tile3>(d, source, weights, output, y, out, live);
      else if (tile == 2) row<Tile2>(d, source, weights, output, y, out, live);
      else row<Tile1>(d, source, weights, output, y, out, live);
    }
    o += tile;
  }
}

/** A tile of output channels of a row of outputs, the taps of which have been found. */
function row<Tile>(d: Gather, source: usize, weights: usize, output: usize, y: i32, out: i32, live: i32): void {
  const size = sizeOfTile<Tile>();
  const own = d.channels / d.groups;
  const rows = tapCount;
  const tapBytes = <usize>(own * size) << 2;
  const pixel = <usize>d.channels * LANES;
  const tapStepX = tapStepOf(d.dilationWidth, d.upWidth);
  const sourceStepX = sourceStepOf(d.dilationWidth, d.upWidth);
  // Neighbouring taps of neighbouring pixels are one run.
  const isRun = d.groups == 1 && tapStepX == 1 && sourceStepX == 1;
  const wRow = <usize>(tapStepOf(d.dilationHeight, d.upHeight) * d.kernelWidth) * tapBytes;
  const inRow = <usize>(sourceStepOf(d.dilationHeight, d.upHeight) * d.width) * pixel;
  const wTap = <usize>tapStepX * tapBytes;
  const inTap = <usize>sourceStepX * pixel;
  const from = source + <usize>(firstSource * d.width) * pixel;
  const by = weights + <usize>(firstTap * d.kernelWidth) * tapBytes;
  let to = output + <usize>(y * d.outWidth * d.outChannels + out) * LANES;
  const bias = d.bias ? d.bias + (<usize>out << 2) : 0;
  // Outputs all of whose taps see the source: nothing is to be found out about them.
  const wholeFrom = d.upWidth == 1 ? firstSeeing(0, d.strideWidth, d.paddingLeft, d.dilationWidth) : d.outWidth;
  const last = d.kernelWidth - 1;
  const wholeTo = endSeeing(last, d.strideWidth, d.paddingLeft, d.dilationWidth, d.width, d.outWidth);
  const wholeTaps = isRun ? 1 : d.kernelWidth;
  const wholeRun = isRun ? d.kernelWidth * own : own;
  for (let x = 0; x < d.outWidth; x++) {
    let p: usize, w: usize, taps: i32, run: i32;
    if (x >= wholeFrom && x < wholeTo) {
      p = from + <usize>(x * d.strideWidth - d.paddingLeft) * pixel;
      w = by;
      taps = wholeTaps;
      run = wholeRun;
    } else {
      findTaps(x, d.strideWidth, d.paddingLeft, d.dilationWidth, d.upWidth, d.kernelWidth, d.width);
      p = from + <usize>firstSource * pixel;
      w = by + <usize>firstTap * tapBytes;
      taps = isRun ? min(1, tapCount) : tapCount;
      run = isRun ? tapCount * own : own;
    }
    dots(size, p, w, to, rows, taps, run, inRow, inTap, wRow, wTap, bias, d.adds, live);
    to += <usize>d.outChannels * LANES;
  }
}

/** `tile` sums over `rows` x `taps` runs of `run` values, for eight images. */
// @ts-ignore: decorator
@inline
function dots(
  tile: i32,
  input: usize,
  weights: usize,
  output: usize,
  rows: i32,
  taps: i32,
  run: i32,
  inRow: usize,
  inTap: usize,
  wRow: usize,
  wTap: usize,
  bias: usize,
  adds: i32,
  live: i32,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, b0 = zero, a1 = zero, b1 = zero, a2 = zero, b2 = zero, a3 = zero, b3 = zero;
  for (; rows > 0; rows--) {
    let tapFrom = input;
    let tapBy = weights;
    for (let tap = taps; tap > 0; tap--) {
      let w = tapBy;
      for (let from = tapFrom, end = from + <usize>run * LANES; from < end; from += LANES) {
        const x = v128.load(from);
        const y = v128.load(from, 16);
        const k0 = v128.load32_splat(w);
        a0 = f32x4.add(a0, f32x4.mul(x, k0));
        b0 = f32x4.add(b0, f32x4.mul(y, k0));
        if (tile > 1) {
          const k1 = v128.load32_splat(w, 4);
          a1 = f32x4.add(a1, f32x4.mul(x, k1));
          b1 = f32x4.add(b1, f32x4.mul(y, k1));
        }
        if (tile > 2) {
          const k2 = v128.load32_splat(w, 8);
          a2 = f32x4.add(a2, f32x4.mul(x, k2));
          b2 = f32x4.add(b2, f32x4.mul(y, k2));
        }
        if (tile > 3) {
          const k3 = v128.load32_splat(w, 12);
          a3 = f32x4.add(a3, f32x4.mul(x, k3));
          b3 = f32x4.add(b3, f32x4.mul(y, k3));
        }
        w += <usize>tile << 2;
      }
      tapFrom += inTap;
      tapBy += wTap;
    }
    input += inRow;
    weights += wRow;
  }
  finish(output, a0, b0, bias, adds, live);
  const next = bias ? <usize>4 : 0;
  if (tile > 1) finish(output + LANES, a1, b1, bias + next, adds, live);
  if (tile > 2) finish(output + 2 * LANES, a2, b2, bias + 2 * next, adds, live);
  if (tile > 3) finish(output + 3 * LANES, a3, b3, bias + 3 * next, adds, live);
}

/** Stores the eight images of one channel. */
// @ts-ignore: decorator
@inline
export function finish(output: usize, a: v128, b: v128, bias: usize, adds: i32, live: i32): void {
  if (bias) {
    const k = v128.load32_splat(bias);
    a = v128.and(f32x4.add(a, k), liveLanes(live));
    b = v128.and(f32x4.add(b, k), liveLanes(live - 4));
  }
  if (adds) {
    a = f32x4.add(a, v128.load(output));
    b = f32x4.add(b, v128.load(output, 16));
  }
  v128.store(output, a);
  v128.store(output, b, 16);
}
