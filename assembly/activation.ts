import { liveLanes } from './batch-norm';
import { addTo } from './channel-sums';
import { isYes, LANES, No, Yes } from './layout';
import { mix4 } from './random';

/**
 * What stands between two convolutions, in one pass: normalize, ReLU, 2x2 max pooling (or none), dropout (or none).
 * Dropout keeps an element where 16 bits of mix(index ^ key) are at or above the threshold, index being its place in the
 * batch's [image][y][x][channel] tensor: for images 0 to 3 of a block the lower half, for images 4 to 7 the upper half of
 * what the image four before them drew, since drawing is most of the work. Kept values are divided by the share kept.
 */

/** out = dropout(pool(relu(z scale + shift))); images from `live` on become 0. `imageStride` is the output's height x width x channels. */
export function activate(
  z: usize,
  height: i32,
  width: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  live: i32,
  pool: i32,
  dropKey: i32,
  dropThreshold: i32,
  keepScale: f32,
  firstImage: i32,
  out: usize,
): void {
  if (pool && dropThreshold) activateAs<Yes, Yes>(z, height, width, channels, scale, shift, live, dropKey, dropThreshold, keepScale, firstImage, out);
  else if (pool) activateAs<Yes, No>(z, height, width, channels, scale, shift, live, dropKey, dropThreshold, keepScale, firstImage, out);
  else if (dropThreshold) activateAs<No, Yes>(z, height, width, channels, scale, shift, live, dropKey, dropThreshold, keepScale, firstImage, out);
  else activateAs<No, No>(z, height, width, channels, scale, shift, live, dropKey, dropThreshold, keepScale, firstImage, out);
}

/** `activate` with or without pooling and dropout. */
function activateAs<Pool, Drop>(
  z: usize,
  height: i32,
  width: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  live: i32,
  dropKey: i32,
  dropThreshold: i32,
  keepScale: f32,
  firstImage: i32,
  out: usize,
): void {
  const first = liveLanes(live);
  const second = liveLanes(live - 4);
  const zero = f32x4.splat(0);
  const keep = f32x4.splat(keepScale);
  const key = i32x4.splat(dropKey);
  const lower = i32x4.splat(0xffff);
  const dropped = i32x4.splat(dropThreshold - 1);
  const size = isYes<Pool>() ? 2 : 1;
  const outHeight = height / size;
  const outWidth = width / size;
  const step = <usize>channels * LANES;
  const row = <usize>width * step;
  const imageStride = outHeight * outWidth * channels;
  const images = i32x4(0, imageStride, 2 * imageStride, 3 * imageStride);
  let to = out;
  let index = i32x4.add(i32x4.splat(firstImage * imageStride), images);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      let at = z + <usize>(y * size) * row + <usize>(x * size) * step;
      for (let c: usize = 0, end = <usize>channels << 2; c < end; c += 4) {
        const s = v128.load32_splat(scale + c);
        const t = v128.load32_splat(shift + c);
        let u = f32x4.add(f32x4.mul(v128.load(at), s), t);
        let v = f32x4.add(f32x4.mul(v128.load(at, 16), s), t);
        if (isYes<Pool>()) {
          u = f32x4.pmax(u, f32x4.add(f32x4.mul(v128.load(at + step), s), t));
          v = f32x4.pmax(v, f32x4.add(f32x4.mul(v128.load(at + step, 16), s), t));
          u = f32x4.pmax(u, f32x4.add(f32x4.mul(v128.load(at + row), s), t));
          v = f32x4.pmax(v, f32x4.add(f32x4.mul(v128.load(at + row, 16), s), t));
          u = f32x4.pmax(u, f32x4.add(f32x4.mul(v128.load(at + row + step), s), t));
          v = f32x4.pmax(v, f32x4.add(f32x4.mul(v128.load(at + row + step, 16), s), t));
        }
        u = v128.and(f32x4.pmax(zero, u), first);
        v = v128.and(f32x4.pmax(zero, v), second);
        if (isYes<Drop>()) {
          const bits = mix4(v128.xor(index, key));
          index = i32x4.add(index, i32x4.splat(1));
          u = v128.and(f32x4.mul(u, keep), i32x4.gt_s(v128.and(bits, lower), dropped));
          v = v128.and(f32x4.mul(v, keep), i32x4.gt_s(i32x4.shr_u(bits, 16), dropped));
        }
        v128.store(to, u);
        v128.store(to, v, 16);
        to += LANES;
        at += LANES;
      }
    }
  }
}

/**
 * g, the gradient of the normalized values, out of that of `activate`'s output; sums[c] += (sum of g, sum of g z).
 * An output of 0 passes no gradient, whether ReLU or dropout made it so; of equal maxima in a window the first one
 * gets it. Without pooling g may be `out` itself.
 */
export function activateGradient(
  outGradient: usize,
  out: usize,
  z: usize,
  height: i32,
  width: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  pool: i32,
  keepScale: f32,
  g: usize,
  sums: usize,
): void {
  if (pool) pooled(outGradient, out, z, height, width, channels, scale, shift, keepScale, g, sums);
  else plain(outGradient, out, z, height * width, channels, keepScale, g, sums);
}

/** Bytes of an activation worked on for all channels before the next: four such arrays fit a first-level cache. */
const CHUNK: i32 = 4096;

function plain(
  outGradient: usize,
  out: usize,
  z: usize,
  pixels: i32,
  channels: i32,
  keepScale: f32,
  g: usize,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  const keep = f32x4.splat(keepScale);
  const step = <usize>channels * LANES;
  const chunk = max<i32>(1, CHUNK / <i32>step);
  for (let first = 0; first < pixels; first += chunk) {
    const begin = <usize>first * step;
    const bytes = <usize>min(chunk, pixels - first) * step;
    for (let c = 0; c < channels; c++) {
      let s = zero, t = zero, q = zero, r = zero;
      const from = begin + <usize>c * LANES;
      for (let at = from, end = from + bytes; at < end; at += step) {
        const u = v128.and(f32x4.mul(keep, v128.load(outGradient + at)), f32x4.gt(v128.load(out + at), zero));
        const v = v128.and(f32x4.mul(keep, v128.load(outGradient + at, 16)), f32x4.gt(v128.load(out + at, 16), zero));
        v128.store(g + at, u);
        v128.store(g + at, v, 16);
        s = f32x4.add(s, u);
        t = f32x4.add(t, v);
        q = f32x4.add(q, f32x4.mul(u, v128.load(z + at)));
        r = f32x4.add(r, f32x4.mul(v, v128.load(z + at, 16)));
      }
      addTo(sums + (<usize>c << 4), s, t);
      addTo(sums + (<usize>c << 4) + 8, q, r);
    }
  }
}

function pooled(
  outGradient: usize,
  out: usize,
  z: usize,
  height: i32,
  width: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  keepScale: f32,
  g: usize,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  const keep = f32x4.splat(keepScale);
  const step = <usize>channels * LANES;
  const row = <usize>width * step;
  const outRow = <usize>(width >> 1) * step;
  // With an odd height or width the last row or column belongs to no window.
  if ((height | width) & 1) memory.fill(g, 0, <usize>height * row);
  // Row by row: two rows of all channels stay in the first-level cache.
  for (let y = 0; y < height >> 1; y++) {
    for (let c = 0; c < channels; c++) {
      const factor = v128.load32_splat(scale + (<usize>c << 2));
      const offset = v128.load32_splat(shift + (<usize>c << 2));
      let s = zero, q = zero;
      for (let half: usize = 0; half < LANES; half += 16) {
        let from = <usize>y * outRow + <usize>c * LANES + half;
        let at = <usize>(2 * y) * row + <usize>c * LANES + half;
        for (const end = from + outRow; from < end; from += step) {
          const z0 = v128.load(z + at);
          const z1 = v128.load(z + at + step);
          const z2 = v128.load(z + at + row);
          const z3 = v128.load(z + at + row + step);
          const d = v128.and(f32x4.mul(keep, v128.load(outGradient + from)), f32x4.gt(v128.load(out + from), zero));
          const y0 = f32x4.add(f32x4.mul(z0, factor), offset);
          const y1 = f32x4.add(f32x4.mul(z1, factor), offset);
          const y2 = f32x4.add(f32x4.mul(z2, factor), offset);
          const y3 = f32x4.add(f32x4.mul(z3, factor), offset);
          const top = f32x4.pmax(f32x4.pmax(y0, y1), f32x4.pmax(y2, y3));
          const is0 = f32x4.eq(y0, top);
          const g0 = v128.and(d, is0);
          const not0 = v128.andnot(d, is0);
          const is1 = f32x4.eq(y1, top);
          const g1 = v128.and(not0, is1);
          const not1 = v128.andnot(not0, is1);
          const is2 = f32x4.eq(y2, top);
          const g2 = v128.and(not1, is2);
          const g3 = v128.andnot(not1, is2);
          v128.store(g + at, g0);
          v128.store(g + at + step, g1);
          v128.store(g + at + row, g2);
          v128.store(g + at + row + step, g3);
          s = f32x4.add(s, d);
          const near = f32x4.add(f32x4.mul(g0, z0), f32x4.mul(g1, z1));
          q = f32x4.add(q, f32x4.add(near, f32x4.add(f32x4.mul(g2, z2), f32x4.mul(g3, z3))));
          at += 2 * step;
        }
      }
      addTo(sums + (<usize>c << 4), s, zero);
      addTo(sums + (<usize>c << 4) + 8, q, zero);
    }
  }
}
