import { LANES } from './layout';

/**
 * The innermost loop of every filter gradient: sums[m][n] (four lanes each) += sum over `count` pixels and eight
 * images of a[pixel][m] * b[pixel][n], for all m < rows and n < columns. Pixels lie aStep and bStep bytes apart;
 * a row of `sums` is sumStep vectors long.
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
  sumStep: i32,
): void {
  for (let n = 0; n < columns; n += 2) {
    const pair = columns - n > 1;
    for (let m = 0; m < rows; ) {
      const left = rows - m;
      const tile = left == 5 || left == 6 || left == 9 ? 3 : min(left, 4);
      const at = sums + (<usize>(m * sumStep + n) << 4);
      const from = a + <usize>m * LANES;
      const by = b + <usize>n * LANES;
      if (pair) {
        if (tile == 4) outer(4, true, from, aStep, by, bStep, count, at, sumStep);
        else if (tile == 3) outer(3, true, from, aStep, by, bStep, count, at, sumStep);
        else if (tile == 2) outer(2, true, from, aStep, by, bStep, count, at, sumStep);
        else outer(1, true, from, aStep, by, bStep, count, at, sumStep);
      } else {
        if (tile == 4) outer(4, false, from, aStep, by, bStep, count, at, sumStep);
        else if (tile == 3) outer(3, false, from, aStep, by, bStep, count, at, sumStep);
        else if (tile == 2) outer(2, false, from, aStep, by, bStep, count, at, sumStep);
        else outer(1, false, from, aStep, by, bStep, count, at, sumStep);
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
  sumStep: i32,
): void {
  const row = <usize>sumStep << 4;
  let s0 = v128.load(sums);
  let t0 = pair ? v128.load(sums, 16) : s0;
  let s1 = tile > 1 ? v128.load(sums + row) : s0;
  let t1 = tile > 1 && pair ? v128.load(sums + row, 16) : s0;
  let s2 = tile > 2 ? v128.load(sums + 2 * row) : s0;
  let t2 = tile > 2 && pair ? v128.load(sums + 2 * row, 16) : s0;
  let s3 = tile > 3 ? v128.load(sums + 3 * row) : s0;
  let t3 = tile > 3 && pair ? v128.load(sums + 3 * row, 16) : s0;
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
  v128.store(sums, s0);
  if (pair) v128.store(sums, t0, 16);
  if (tile > 1) {
    v128.store(sums + row, s1);
    if (pair) v128.store(sums + row, t1, 16);
  }
  if (tile > 2) {
    v128.store(sums + 2 * row, s2);
    if (pair) v128.store(sums + 2 * row, t2, 16);
  }
  if (tile > 3) {
    v128.store(sums + 3 * row, s3);
    if (pair) v128.store(sums + 3 * row, t3, 16);
  }
}
