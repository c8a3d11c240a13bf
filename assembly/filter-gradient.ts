import { chunkOf, keep } from './channel-sums';
import { addFolded } from './outer';
import { placeOf } from './kernel';
import { LANES, isYes, No, sizeOfTile, Tile1, Tile2, Tile3, Tile4, tileOf, Yes } from './layout';
import { endSeeing, firstSeeing, Window } from './window';

/** The gradient of a convolution's weights and bias: any kernel, stride, dilation, padding and number of groups. */

@unmanaged
export class FilterGradient extends Window {
  input: usize;
  inputStride: i32;
  gradient: usize;
  gradientStride: i32;
  /** f32 [kernelHeight][kernelWidth][channels / groups][outChannels] a shard. */
  sums: usize;
  sumsStride: i32;
  groups: i32;
  /** f32 [8][outChannels, rounded up to four], where there is one output position. */
  scratch: usize;
}

/** Bytes of inputs and gradients that are worked on for all taps and channels before the next: they stay in a first-level cache. */
const CHUNK: i32 = 24 << 10;

/** sums[ky][kx][i][o] += sum over y, x and the images of input[tap's place][i] gradient[y][x][o]. */
export function filterGradientOf(d: FilterGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const sums = placeOf(d.sums, d.sumsStride, shard);
  if (d.outHeight * d.outWidth == 1 && d.groups == 1) return onePosition(d, input, gradient, sums);
  const rowBytes = (d.outWidth * d.outChannels + d.strideHeight * d.width * d.channels) * <i32>LANES;
  const chunk = max(1, CHUNK / rowBytes);
  for (let y = 0; y < d.outHeight; y += chunk) {
    const end = min(d.outHeight, y + chunk);
    for (let ky = 0; ky < d.kernelHeight; ky++) {
      const from = max(y, firstSeeing(ky, d.strideHeight, d.paddingTop, d.dilationHeight));
      const to = min(end, endSeeing(ky, d.strideHeight, d.paddingTop, d.dilationHeight, d.height, d.outHeight));
      if (from < to) tapsOfRow(d, input, gradient, sums, ky, from, to);
    }
  }
}

/** All taps of row `ky` of the kernel, over outputs in rows `from` to `to`. */
function tapsOfRow(d: FilterGradient, input: usize, gradient: usize, sums: usize, ky: i32, from: i32, to: i32): void {
  const columns = d.channels / d.groups;
  const rows = d.outChannels / d.groups;
  const top = from * d.strideHeight - d.paddingTop + ky * d.dilationHeight;
  for (let kx = 0; kx < d.kernelWidth; kx++) {
    const x = firstSeeing(kx, d.strideWidth, d.paddingLeft, d.dilationWidth);
    const count = endSeeing(kx, d.strideWidth, d.paddingLeft, d.dilationWidth, d.width, d.outWidth) - x;
    if (count <= 0) continue;
    const left = x * d.strideWidth - d.paddingLeft + kx * d.dilationWidth;
    const a = gradient + <usize>((from * d.outWidth + x) * d.outChannels) * LANES;
    const b = input + <usize>((top * d.width + left) * d.channels) * LANES;
    const at = sums + (<usize>((ky * d.kernelWidth + kx) * columns * d.outChannels) << 2);
    for (let group = 0; group < d.groups; group++) {
      const first = <usize>(group * rows);
      outerOf(d, a + first * LANES, rows, b + <usize>(group * columns) * LANES, columns, to - from, count, at + (first << 2));
    }
  }
}

/** All pairs of `rows` outputs and `columns` inputs over a patch of `height` x `count` positions. */
function outerOf(d: FilterGradient, a: usize, rows: i32, b: usize, columns: i32, height: i32, count: i32, sums: usize): void {
  for (let n = 0; n < columns; n += 2) {
    for (let m = 0; m < rows; ) {
      const tile = tileOf(rows - m);
      const from = a + <usize>m * LANES;
      const by = b + <usize>n * LANES;
      const at = sums + (<usize>(n * d.outChannels + m) << 2);
      if (columns - n > 1) {
        if (tile == 4) patch<Tile4, Yes>(d, from, by, height, count, at);
        else if (tile == 3) patch<Tile3, Yes>(d, from, by, height, count, at);
        else if (tile == 2) patch<Tile2, Yes>(d, from, by, height, count, at);
        else patch<Tile1, Yes>(d, from, by, height, count, at);
      } else {
        if (tile == 4) patch<Tile4, No>(d, from, by, height, count, at);
        else if (tile == 3) patch<Tile3, No>(d, from, by, height, count, at);
        else if (tile == 2) patch<Tile2, No>(d, from, by, height, count, at);
        else patch<Tile1, No>(d, from, by, height, count, at);
      }
      m += tile;
    }
  }
}

/** `outer` of `outer.ts` over a patch instead of a row: the sums leave their registers once. */
function patch<Tile, Pair>(d: FilterGradient, a: usize, b: usize, height: i32, count: i32, sums: usize): void {
  const tile = sizeOfTile<Tile>();
  const zero = f32x4.splat(0);
  const aStep = <usize>d.outChannels * LANES;
  const aRow = <usize>d.outWidth * aStep;
  const bStep = <usize>(d.strideWidth * d.channels) * LANES;
  const bRow = <usize>(d.strideHeight * d.width * d.channels) * LANES;
  let s0 = zero, t0 = zero, s1 = zero, t1 = zero, s2 = zero, t2 = zero, s3 = zero, t3 = zero;
  for (let y = 0; y < height; y++) {
    for (let half: usize = 0; half < LANES; half += 16) {
      let p = a + half;
      let q = b + half;
      for (const end = p + <usize>count * aStep; p < end; p += aStep, q += bStep) {
        const y0 = v128.load(q);
        const x0 = v128.load(p);
        s0 = f32x4.add(s0, f32x4.mul(x0, y0));
        if (isYes<Pair>()) {
          const y1 = v128.load(q, 32);
          t0 = f32x4.add(t0, f32x4.mul(x0, y1));
          if (tile > 1) {
            const x1 = v128.load(p, 32);
            s1 = f32x4.add(s1, f32x4.mul(x1, y0));
            t1 = f32x4.add(t1, f32x4.mul(x1, y1));
          }
          if (tile > 2) {
            const x2 = v128.load(p, 64);
            s2 = f32x4.add(s2, f32x4.mul(x2, y0));
            t2 = f32x4.add(t2, f32x4.mul(x2, y1));
          }
          if (tile > 3) {
            const x3 = v128.load(p, 96);
            s3 = f32x4.add(s3, f32x4.mul(x3, y0));
            t3 = f32x4.add(t3, f32x4.mul(x3, y1));
          }
        } else {
          if (tile > 1) s1 = f32x4.add(s1, f32x4.mul(v128.load(p, 32), y0));
          if (tile > 2) s2 = f32x4.add(s2, f32x4.mul(v128.load(p, 64), y0));
          if (tile > 3) s3 = f32x4.add(s3, f32x4.mul(v128.load(p, 96), y0));
        }
      }
    }
    a += aRow;
    b += bRow;
  }
  addSome(tile, sums, s0, s1, s2, s3);
  if (isYes<Pair>()) addSome(tile, sums + (<usize>d.outChannels << 2), t0, t1, t2, t3);
}

/** Adds the sums of the lanes of the first `tile` of a, b, c and d to as many floats. */
// @ts-ignore: decorator
@inline
export function addSome(tile: i32, to: usize, a: v128, b: v128, c: v128, d: v128): void {
  if (tile == 4) return addFolded(to, a, b, c, d);
  addLanes(to, a);
  if (tile > 1) addLanes(to + 4, b);
  if (tile > 2) addLanes(to + 8, c);
}

// @ts-ignore: decorator
@inline
export function addLanes(to: usize, v: v128): void {
  const near = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2);
  const far = f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3);
  store<f32>(to, load<f32>(to) + (near + far));
}

/**
 * One output position, as in a dense layer: a patch would be eight products and a long addition. Here images are what is summed over and
 * outputs lie in the lanes: gradients are turned around first.
 */
function onePosition(d: FilterGradient, input: usize, gradient: usize, sums: usize): void {
  const outputs = d.outChannels;
  const line = <usize>((outputs + 3) & ~3) << 2;
  memory.fill(d.scratch, 0, 8 * line);
  for (let o = 0; o < outputs; o++) {
    for (let image: usize = 0; image < 8; image++) {
      store<f32>(d.scratch + image * line + (<usize>o << 2), load<f32>(gradient + <usize>o * LANES + (image << 2)));
    }
  }
  for (let ky = 0; ky < d.kernelHeight; ky++) {
    const y = ky * d.dilationHeight - d.paddingTop;
    if (y < 0 || y >= d.height) continue;
    for (let kx = 0; kx < d.kernelWidth; kx++) {
      const x = kx * d.dilationWidth - d.paddingLeft;
      if (x < 0 || x >= d.width) continue;
      const from = input + <usize>((y * d.width + x) * d.channels) * LANES;
      const to = sums + (<usize>((ky * d.kernelWidth + kx) * d.channels * outputs) << 2);
      for (let i = 0; i < d.channels; i++) {
        addProducts(from + <usize>i * LANES, d.scratch, line, to + (<usize>(i * outputs) << 2), outputs);
      }
    }
  }
}

/** sums[o] += sum over the images of input[image] turned[image][o]. */
function addProducts(input: usize, turned: usize, line: usize, sums: usize, outputs: i32): void {
  const k0 = v128.load32_splat(input), k1 = v128.load32_splat(input, 4);
  const k2 = v128.load32_splat(input, 8), k3 = v128.load32_splat(input, 12);
  const k4 = v128.load32_splat(input, 16), k5 = v128.load32_splat(input, 20);
  const k6 = v128.load32_splat(input, 24), k7 = v128.load32_splat(input, 28);
  const end = <usize>outputs << 2;
  for (let at: usize = 0; at < end; at += 16) {
    let p = turned + at;
    let s = f32x4.mul(k0, v128.load(p));
    p += line;
    s = f32x4.add(s, f32x4.mul(k1, v128.load(p)));
    p += line;
    s = f32x4.add(s, f32x4.mul(k2, v128.load(p)));
    p += line;
    s = f32x4.add(s, f32x4.mul(k3, v128.load(p)));
    p += line;
    s = f32x4.add(s, f32x4.mul(k4, v128.load(p)));
    p += line;
    s = f32x4.add(s, f32x4.mul(k5, v128.load(p)));
    p += line;
    s = f32x4.add(s, f32x4.mul(k6, v128.load(p)));
    p += line;
    s = f32x4.add(s, f32x4.mul(k7, v128.load(p)));
    const to = sums + at;
    if (at + 16 <= end) {
      v128.store(to, f32x4.add(v128.load(to), s));
    } else {
      store<f32>(to, load<f32>(to) + f32x4.extract_lane(s, 0));
      if (at + 4 < end) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(s, 1), 4);
      if (at + 8 < end) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(s, 2), 8);
    }
  }
}

@unmanaged
export class BiasGradient {
  gradient: usize;
  gradientStride: i32;
  pixels: i32;
  channels: i32;
  /** f32 [channels] a shard. */
  sums: usize;
  sumsStride: i32;
  /** f32 [channels][8]. */
  scratch: usize;
}

/** sums[c] += sum over the positions and images of gradient[p][c]; in chunks as in `sumProducts`. */
export function biasGradient(d: BiasGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const sums = placeOf(d.sums, d.sumsStride, shard);
  const step = <usize>d.channels * LANES;
  const chunk = chunkOf(step);
  memory.fill(d.scratch, 0, step);
  for (let first = 0; first < d.pixels; first += chunk) {
    const from = gradient + <usize>first * step;
    const to = from + <usize>min(chunk, d.pixels - first) * step;
    let c: usize = 0;
    for (const pairs = <usize>(d.channels & ~1) * LANES; c < pairs; c += 2 * LANES) {
      const at = d.scratch + c;
      let s = v128.load(at), t = v128.load(at, 16), u = v128.load(at, 32), v = v128.load(at, 48);
      for (let p = from + c, end = to + c; p < end; p += step) {
        s = f32x4.add(s, v128.load(p));
        t = f32x4.add(t, v128.load(p, 16));
        u = f32x4.add(u, v128.load(p, 32));
        v = f32x4.add(v, v128.load(p, 48));
      }
      keep(at, s, t, u, v);
    }
    if (d.channels & 1) {
      const at = d.scratch + c;
      let s = v128.load(at), t = v128.load(at, 16);
      for (let p = from + c, end = to + c; p < end; p += step) {
        s = f32x4.add(s, v128.load(p));
        t = f32x4.add(t, v128.load(p, 16));
      }
      v128.store(at, s);
      v128.store(at, t, 16);
    }
  }
  for (let c = 0; c < d.channels; c++) {
    const at = d.scratch + <usize>c * LANES;
    addLanes(sums + (<usize>c << 2), f32x4.add(v128.load(at), v128.load(at, 16)));
  }
}
