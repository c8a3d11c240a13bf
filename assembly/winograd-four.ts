/**
 * The steps of F(4x4, 3x3) on one tile, all channels, with the points 0, 1, -1, 2, -2 and infinity:
 *
 *        4  0 -5  0  1  0          1  1  1  1  1  0
 *        0 -4 -4  1  1  0          0  1 -1  2 -2  0
 *   B' = 0  4 -4 -1  1  0     A' = 0  1  1  4  4  0
 *        0 -2 -1  2  1  0          0  1 -1  8 -8  1
 *        0  2 -1 -2  1  0
 *        0  4  0 -5  0  1
 *
 * 36 values do not fit into registers: the columns of a tile go to `between` (6x6 vectors), then its rows come from there.
 * A processor adds while it multiplies, so a value is doubled by a multiplication. What a line needs of the multiples of its
 * steps and no addressing mode gives is made once a tile.
 */

/** Bytes of `between`. */
export const BETWEEN: usize = 36 << 4;
const VECTOR: usize = 16;
const LINE: usize = 6 * VECTOR;

/** D = B' d B: 36 planes out of 6x6 pixels. */
export function inputTile(from: usize, pixel: usize, row: usize, to: usize, plane: usize, between: usize): void {
  const row3: usize = 3 * row, row5: usize = 5 * row;
  const plane3: usize = 3 * plane, plane5: usize = 5 * plane, plane6: usize = 6 * plane;
  for (let at: usize = 0; at < pixel; at += VECTOR) {
    for (let p = from + at, b = between, end = between + LINE; b < end; p += pixel, b += VECTOR) {
      inputLine(p, row, row3, row5, b, LINE, 3 * LINE, 5 * LINE);
    }
    for (let b = between, q = to + at, end = between + BETWEEN; b < end; b += LINE, q += plane6) {
      inputLine(b, VECTOR, 3 * VECTOR, 5 * VECTOR, q, plane, plane3, plane5);
    }
  }
}

/** B' of six values. */
// @ts-ignore: decorator
@inline
function inputLine(p: usize, s: usize, s3: usize, s5: usize, q: usize, t: usize, t3: usize, t5: usize): void {
  const d0 = v128.load(p);
  const d1 = v128.load(p + s);
  const d2 = v128.load(p + 2 * s);
  const d3 = v128.load(p + s3);
  const d4 = v128.load(p + 4 * s);
  const d5 = v128.load(p + s5);
  const four = f32x4.splat(4);
  const even = f32x4.sub(d4, f32x4.mul(four, d2));
  const odd = f32x4.sub(d3, f32x4.mul(four, d1));
  const far = f32x4.sub(d4, d2);
  const half = f32x4.sub(d3, d1);
  const twice = f32x4.mul(f32x4.splat(2), half);
  v128.store(q, f32x4.add(f32x4.mul(four, f32x4.sub(d0, d2)), far));
  v128.store(q + t, f32x4.add(even, odd));
  v128.store(q + 2 * t, f32x4.sub(even, odd));
  v128.store(q + t3, f32x4.add(far, twice));
  v128.store(q + 4 * t, f32x4.sub(far, twice));
  v128.store(q + t5, f32x4.sub(f32x4.sub(d5, d3), f32x4.mul(four, half)));
}

/** out = A' M A: 4x4 pixels out of 36 planes. */
export function outputTile(from: usize, plane: usize, to: usize, pixel: usize, row: usize, between: usize): void {
  const plane6: usize = 6 * plane, plane18: usize = 18 * plane, plane30: usize = 30 * plane;
  const pixel3: usize = 3 * pixel;
  for (let at: usize = 0; at < pixel; at += VECTOR) {
    for (let p = from + at, b = between, end = between + LINE; b < end; p += plane, b += VECTOR) {
      outputLine(p, plane6, plane18, plane30, b, LINE, 3 * LINE);
    }
    for (let b = between, q = to + at, end = between + 4 * LINE; b < end; b += LINE, q += row) {
      outputLine(b, VECTOR, 3 * VECTOR, 5 * VECTOR, q, pixel, pixel3);
    }
  }
}

/** A' of six values. */
// @ts-ignore: decorator
@inline
function outputLine(p: usize, s: usize, s3: usize, s5: usize, q: usize, t: usize, t3: usize): void {
  const m1 = v128.load(p + s);
  const m2 = v128.load(p + 2 * s);
  const m3 = v128.load(p + s3);
  const m4 = v128.load(p + 4 * s);
  const sum = f32x4.add(m1, m2);
  const difference = f32x4.sub(m1, m2);
  const farSum = f32x4.add(m3, m4);
  const half = f32x4.sub(m3, m4);
  v128.store(q, f32x4.add(v128.load(p), f32x4.add(sum, farSum)));
  v128.store(q + t, f32x4.add(difference, f32x4.mul(f32x4.splat(2), half)));
  v128.store(q + 2 * t, f32x4.add(sum, f32x4.mul(f32x4.splat(4), farSum)));
  const last = f32x4.add(difference, f32x4.mul(f32x4.splat(8), half));
  v128.store(q + t3, f32x4.add(last, v128.load(p + s5)));
}

/** dM = A dout A': 36 planes out of 4x4 pixels. */
export function gradientTile(from: usize, pixel: usize, row: usize, to: usize, plane: usize, between: usize): void {
  const row3: usize = 3 * row;
  const plane3: usize = 3 * plane, plane5: usize = 5 * plane, plane6: usize = 6 * plane;
  for (let at: usize = 0; at < pixel; at += VECTOR) {
    for (let p = from + at, b = between, end = between + 4 * VECTOR; b < end; p += pixel, b += VECTOR) {
      gradientLine(p, row, row3, b, LINE, 3 * LINE, 5 * LINE);
    }
    for (let b = between, q = to + at, end = between + BETWEEN; b < end; b += LINE, q += plane6) {
      gradientLine(b, VECTOR, 3 * VECTOR, q, plane, plane3, plane5);
    }
  }
}

/** A of four values. */
// @ts-ignore: decorator
@inline
function gradientLine(p: usize, s: usize, s3: usize, q: usize, t: usize, t3: usize, t5: usize): void {
  const y0 = v128.load(p);
  const y1 = v128.load(p + s);
  const y2 = v128.load(p + 2 * s);
  const y3 = v128.load(p + s3);
  const four = f32x4.splat(4);
  const even = f32x4.add(y0, y2);
  const odd = f32x4.add(y1, y3);
  const farEven = f32x4.add(y0, f32x4.mul(four, y2));
  const farOdd = f32x4.mul(f32x4.splat(2), f32x4.add(y1, f32x4.mul(four, y3)));
  v128.store(q, y0);
  v128.store(q + t, f32x4.add(even, odd));
  v128.store(q + 2 * t, f32x4.sub(even, odd));
  v128.store(q + t3, f32x4.add(farEven, farOdd));
  v128.store(q + 4 * t, f32x4.sub(farEven, farOdd));
  v128.store(q + t5, y3);
}

/** din += B dD B': 6x6 pixels out of 36 planes. */
export function inputGradientTile(
  from: usize,
  plane: usize,
  to: usize,
  pixel: usize,
  row: usize,
  between: usize,
): void {
  const plane6: usize = 6 * plane, plane18: usize = 18 * plane, plane30: usize = 30 * plane;
  const pixel3: usize = 3 * pixel, pixel5: usize = 5 * pixel;
  for (let at: usize = 0; at < pixel; at += VECTOR) {
    for (let p = from + at, b = between, end = between + LINE; b < end; p += plane, b += VECTOR) {
      inputGradientLine(false, p, plane6, plane18, plane30, b, LINE, 3 * LINE, 5 * LINE);
    }
    for (let b = between, q = to + at, end = between + BETWEEN; b < end; b += LINE, q += row) {
      inputGradientLine(true, b, VECTOR, 3 * VECTOR, 5 * VECTOR, q, pixel, pixel3, pixel5);
    }
  }
}

/** B of six values, stored or added to what is there. */
// @ts-ignore: decorator
@inline
function inputGradientLine(
  adds: bool,
  p: usize,
  s: usize,
  s3: usize,
  s5: usize,
  q: usize,
  t: usize,
  t3: usize,
  t5: usize,
): void {
  const d0 = v128.load(p);
  const d1 = v128.load(p + s);
  const d2 = v128.load(p + 2 * s);
  const d3 = v128.load(p + s3);
  const d4 = v128.load(p + 4 * s);
  const d5 = v128.load(p + s5);
  const four = f32x4.splat(4);
  const sum = f32x4.add(d1, d2);
  const difference = f32x4.sub(d1, d2);
  const farSum = f32x4.add(d3, d4);
  const twice = f32x4.mul(f32x4.splat(2), f32x4.sub(d3, d4));
  const five = f32x4.splat(5);
  put(adds, q, f32x4.mul(four, d0));
  put(adds, q + t, f32x4.sub(f32x4.mul(four, f32x4.sub(d5, difference)), twice));
  const third = f32x4.add(f32x4.mul(five, d0), f32x4.mul(four, sum));
  put(adds, q + 2 * t, f32x4.neg(f32x4.add(third, farSum)));
  put(adds, q + t3, f32x4.sub(f32x4.add(difference, twice), f32x4.mul(five, d5)));
  put(adds, q + 4 * t, f32x4.add(d0, f32x4.add(sum, farSum)));
  put(adds, q + t5, d5);
}

// @ts-ignore: decorator
@inline
function put(adds: bool, at: usize, value: v128): void {
  v128.store(at, adds ? f32x4.add(v128.load(at), value) : value);
}
