import { fourOutputs } from './depthwise-row';
import { addSome } from './filter-gradient';
import { finish, Gather } from './gather';
import { placeOf } from './kernel';
import { LANES, sizeOfTile, Tile1, Tile2, Tile3, Tile4, tileOf } from './layout';
import { endSeeing, findTaps, firstSeeing, firstSource, firstTap, sourceStepOf, tapCount, tapStepOf, Window } from './window';

/** Depthwise convolution of one filter a channel: any kernel, stride, dilation and padding. Weights are [kernelHeight][kernelWidth][channels]. */

/** output[y][x][c] = bias[c] + sum over the taps of c; with turned weights and a stretched source the input gradient. */
export function depthwise(d: Gather, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  const pixel = <usize>d.channels * LANES;
  const inRow = <usize>(sourceStepOf(d.dilationHeight, d.upHeight) * d.width) * pixel;
  const wRow = <usize>(tapStepOf(d.dilationHeight, d.upHeight) * d.kernelWidth * d.channels) << 2;
  // Outputs all of whose taps see the source, in fours.
  const isPlain = d.kernelWidth == 3 && d.strideWidth == 1 && d.dilationWidth == 1 && d.upWidth == 1;
  const wholeFrom = firstSeeing(0, 1, d.paddingLeft, 1);
  const wholeTo = isPlain ? endSeeing(2, 1, d.paddingLeft, 1, d.width, d.outWidth) : 0;
  for (let y = 0; y < d.outHeight; y++) {
    findTaps(y, d.strideHeight, d.paddingTop, d.dilationHeight, d.upHeight, d.kernelHeight, d.height);
    const rows = tapCount;
    const row = input + <usize>(firstSource * d.width) * pixel;
    const weights = d.weights + (<usize>(firstTap * d.kernelWidth * d.channels) << 2);
    for (let x = 0; x < d.outWidth; ) {
      const to = output + <usize>(y * d.outWidth + x) * pixel;
      if (x >= wholeFrom && x + 4 <= wholeTo) {
        const from = row + <usize>(x - d.paddingLeft) * pixel;
        fourOutputs(from, weights, to, rows, d.channels, inRow, wRow, d.bias, d.adds, live);
        x += 4;
        continue;
      }
      findTaps(x, d.strideWidth, d.paddingLeft, d.dilationWidth, d.upWidth, d.kernelWidth, d.width);
      const from = row + <usize>firstSource * pixel;
      const by = weights + (<usize>(firstTap * d.channels) << 2);
      for (let c = 0; c < d.channels; ) {
        const tile = tileOf(d.channels - c);
        const p = from + <usize>c * LANES;
        const w = by + (<usize>c << 2);
        const q = to + <usize>c * LANES;
        const bias = d.bias ? d.bias + (<usize>c << 2) : 0;
        if (tile == 4) channels<Tile4>(d, p, w, q, rows, tapCount, inRow, wRow, bias, live);
        else if (tile == 3) channels<Tile3>(d, p, w, q, rows, tapCount, inRow, wRow, bias, live);
        else if (tile == 2) channels<Tile2>(d, p, w, q, rows, tapCount, inRow, wRow, bias, live);
        else channels<Tile1>(d, p, w, q, rows, tapCount, inRow, wRow, bias, live);
        c += tile;
      }
      x++;
    }
  }
}

/** A tile of channels of one output position. */
function channels<Tile>(
  d: Gather,
  input: usize,
  weights: usize,
  output: usize,
  rows: i32,
  taps: i32,
  inRow: usize,
  wRow: usize,
  bias: usize,
  live: i32,
): void {
  const tile = sizeOfTile<Tile>();
  const zero = f32x4.splat(0);
  const inTap = <usize>(sourceStepOf(d.dilationWidth, d.upWidth) * d.channels) * LANES;
  const wTap = <usize>(tapStepOf(d.dilationWidth, d.upWidth) * d.channels) << 2;
  let a0 = zero, b0 = zero, a1 = zero, b1 = zero, a2 = zero, b2 = zero, a3 = zero, b3 = zero;
  for (; rows > 0; rows--) {
    let p = input;
    let w = weights;
    for (let tap = taps; tap > 0; tap--) {
      const k0 = v128.load32_splat(w);
      a0 = f32x4.add(a0, f32x4.mul(v128.load(p), k0));
      b0 = f32x4.add(b0, f32x4.mul(v128.load(p, 16), k0));
      if (tile > 1) {
        const k1 = v128.load32_splat(w, 4);
        a1 = f32x4.add(a1, f32x4.mul(v128.load(p, 32), k1));
        b1 = f32x4.add(b1, f32x4.mul(v128.load(p, 48), k1));
      }
      if (tile > 2) {
        const k2 = v128.load32_splat(w, 8);
        a2 = f32x4.add(a2, f32x4.mul(v128.load(p, 64), k2));
        b2 = f32x4.add(b2, f32x4.mul(v128.load(p, 80), k2));
      }
      if (tile > 3) {
        const k3 = v128.load32_splat(w, 12);
        a3 = f32x4.add(a3, f32x4.mul(v128.load(p, 96), k3));
        b3 = f32x4.add(b3, f32x4.mul(v128.load(p, 112), k3));
      }
      p += inTap;
      w += wTap;
    }
    input += inRow;
    weights += wRow;
  }
  const next: usize = bias ? 4 : 0;
  finish(output, a0, b0, bias, d.adds, live);
  if (tile > 1) finish(output + LANES, a1, b1, bias + next, d.adds, live);
  if (tile > 2) finish(output + 2 * LANES, a2, b2, bias + 2 * next, d.adds, live);
  if (tile > 3) finish(output + 3 * LANES, a3, b3, bias + 3 * next, d.adds, live);
}

@unmanaged
export class TurnTaps {
  weights: usize;
  /** kernelHeight x kernelWidth. */
  taps: i32;
  channels: i32;
  turned: usize;
}

/** turned[taps - 1 - tap][c] = weights[tap][c]. */
export function turnTaps(d: TurnTaps, thread: i32, threads: i32): void {
  const bytes = <usize>d.channels << 2;
  for (let tap = thread; tap < d.taps; tap += threads) {
    memory.copy(d.turned + <usize>(d.taps - 1 - tap) * bytes, d.weights + <usize>tap * bytes, bytes);
  }
}

@unmanaged
export class DepthwiseGradient extends Window {
  input: usize;
  inputStride: i32;
  gradient: usize;
  gradientStride: i32;
  /** f32 [kernelHeight][kernelWidth][channels] a shard. */
  sums: usize;
  sumsStride: i32;
}

/** sums[ky][kx][c] += sum over y, x and the images of input[tap's place][c] gradient[y][x][c]. */
export function depthwiseGradient(d: DepthwiseGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const sums = placeOf(d.sums, d.sumsStride, shard);
  for (let ky = 0; ky < d.kernelHeight; ky++) {
    const y = firstSeeing(ky, d.strideHeight, d.paddingTop, d.dilationHeight);
    const rows = endSeeing(ky, d.strideHeight, d.paddingTop, d.dilationHeight, d.height, d.outHeight) - y;
    if (rows <= 0) continue;
    const top = y * d.strideHeight - d.paddingTop + ky * d.dilationHeight;
    for (let kx = 0; kx < d.kernelWidth; kx++) {
      const x = firstSeeing(kx, d.strideWidth, d.paddingLeft, d.dilationWidth);
      const count = endSeeing(kx, d.strideWidth, d.paddingLeft, d.dilationWidth, d.width, d.outWidth) - x;
      if (count <= 0) continue;
      const left = x * d.strideWidth - d.paddingLeft + kx * d.dilationWidth;
      const a = gradient + <usize>((y * d.outWidth + x) * d.channels) * LANES;
      const b = input + <usize>((top * d.width + left) * d.channels) * LANES;
      const at = sums + (<usize>((ky * d.kernelWidth + kx) * d.channels) << 2);
      for (let c = 0; c < d.channels; ) {
        const tile = tileOf(d.channels - c);
        const o = <usize>c * LANES;
        const to = at + (<usize>c << 2);
        if (tile == 4) products<Tile4>(d, a + o, b + o, rows, count, to);
        else if (tile == 3) products<Tile3>(d, a + o, b + o, rows, count, to);
        else if (tile == 2) products<Tile2>(d, a + o, b + o, rows, count, to);
        else products<Tile1>(d, a + o, b + o, rows, count, to);
        c += tile;
      }
    }
  }
}

/** A tile of channels over a patch of `rows` x `count` positions. */
function products<Tile>(d: DepthwiseGradient, a: usize, b: usize, rows: i32, count: i32, sums: usize): void {
  const tile = sizeOfTile<Tile>();
  const zero = f32x4.splat(0);
  const aStep = <usize>d.channels * LANES;
  const aRow = <usize>d.outWidth * aStep;
  const bStep = <usize>(d.strideWidth * d.channels) * LANES;
  const bRow = <usize>(d.strideHeight * d.width * d.channels) * LANES;
  let s0 = zero, t0 = zero, s1 = zero, t1 = zero, s2 = zero, t2 = zero, s3 = zero, t3 = zero;
  for (; rows > 0; rows--) {
    let p = a;
    let q = b;
    for (const end = p + <usize>count * aStep; p < end; p += aStep, q += bStep) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(p), v128.load(q)));
      t0 = f32x4.add(t0, f32x4.mul(v128.load(p, 16), v128.load(q, 16)));
      if (tile > 1) {
        s1 = f32x4.add(s1, f32x4.mul(v128.load(p, 32), v128.load(q, 32)));
        t1 = f32x4.add(t1, f32x4.mul(v128.load(p, 48), v128.load(q, 48)));
      }
      if (tile > 2) {
        s2 = f32x4.add(s2, f32x4.mul(v128.load(p, 64), v128.load(q, 64)));
        t2 = f32x4.add(t2, f32x4.mul(v128.load(p, 80), v128.load(q, 80)));
      }
      if (tile > 3) {
        s3 = f32x4.add(s3, f32x4.mul(v128.load(p, 96), v128.load(q, 96)));
        t3 = f32x4.add(t3, f32x4.mul(v128.load(p, 112), v128.load(q, 112)));
      }
    }
    a += aRow;
    b += bRow;
  }
  addSome(tile, sums, f32x4.add(s0, t0), f32x4.add(s1, t1), f32x4.add(s2, t2), f32x4.add(s3, t3));
}
