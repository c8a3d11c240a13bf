import { LANES } from './layout';

/**
 * The innermost loop of every filter gradient: sums[n][m] += sum over `count` pixels and eight images of
 * a[pixel][m] * b[pixel][n], for all m < rows and n < columns. Pixels lie aStep and bStep bytes apart.
 * Up to three floats behind `sums` are read and written back as they are.
 */
export function accumulateOuter(
  a: usize,
  aStep: usize,
  rows: i32,
  b: usize,
  bStep: usize,
  columns: i32,
  count: i32,
  sums: usize,
): void {
  for (let n = 0; n < columns; n += 2) {
    const pair = columns - n > 1;
    for (let m = 0; m < rows; ) {
      const left = rows - m;
      const tile = left == 5 || left == 6 || left == 9 ? 3 : min(left, 4);
      const at = sums + (<usize>(n * rows + m) << 2);
      const from = a + <usize>m * LANES;
      const by = b + <usize>n * LANES;
      if (pair) {
        if (tile == 4) outer(4, true, from, aStep, by, bStep, count, at, rows);
        else if (tile == 3) outer(3, true, from, aStep, by, bStep, count, at, rows);
        else if (tile == 2) outer(2, true, from, aStep, by, bStep, count, at, rows);
        else outer(1, true, from, aStep, by, bStep, count, at, rows);
      } else {
        if (tile == 4) outer(4, false, from, aStep, by, bStep, count, at, rows);
        else if (tile == 3) outer(3, false, from, aStep, by, bStep, count, at, rows);
        else if (tile == 2) outer(2, false, from, aStep, by, bStep, count, at, rows);
        else outer(1, false, from, aStep, by, bStep, count, at, rows);
      }
      m += tile;
    }
  }
}

// @ts-ignore: decorator
@inline
function outer(
  tile: i32,
  pair: bool,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  count: i32,
  sums: usize,
  rows: i32,
): void {
  const zero = f32x4.splat(0);
  let s0 = zero, t0 = zero;
  let s1 = zero, t1 = zero;
  let s2 = zero, t2 = zero;
  let s3 = zero, t3 = zero;
  // Images 0 to 3 of all pixels, then images 4 to 7: both at once would need more registers than there are.
  for (let half = 0; half < 2; half++) {
    let p = a + (<usize>half << 4);
    let q = b + (<usize>half << 4);
    const end = p + <usize>count * aStep;
    while (p < end) {
      const y0 = v128.load(q);
      const x0 = v128.load(p);
      s0 = f32x4.add(s0, f32x4.mul(x0, y0));
      if (pair) {
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
      p += aStep;
      q += bStep;
    }
  }
  addFolded(sums, s0, s1, s2, s3);
  if (pair) addFolded(sums + (<usize>rows << 2), t0, t1, t2, t3);
}

/**
 * Adds the sums of the lanes of a, b, c and d to four floats. Folding here is more work than keeping lanes apart until the
 * end of the step, but leaves a quarter of the sums, which then fit the first-level cache.
 */
// @ts-ignore: decorator
@inline
export function addFolded(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const p = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const q = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  const sums = f32x4.add(v128.shuffle<f32>(p, q, 0, 1, 4, 5), v128.shuffle<f32>(p, q, 2, 3, 6, 7));
  v128.store(to, f32x4.add(v128.load(to), sums));
}
