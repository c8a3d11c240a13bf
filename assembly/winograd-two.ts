/**
 * The steps of F(2x2, 3x3) on one tile, all channels: B' d B, A' M A and their adjoints. They only add, so loads and stores
 * are what they cost: rows that come of the same values are made together.
 */

/** D = B' d B: 16 planes out of 4x4 pixels. */
export function inputTile(from: usize, pixel: usize, row: usize, to: usize, plane: usize): void {
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

/** out = A' M A: 2x2 pixels out of 16 planes. */
export function outputTile(from: usize, plane: usize, to: usize, pixel: usize, row: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    const m = from + at;
    const q = to + at;
    const s0 = upper(m, plane), t0 = lower(m, plane);
    const s1 = upper(m + plane, plane), t1 = lower(m + plane, plane);
    const s2 = upper(m + 2 * plane, plane), t2 = lower(m + 2 * plane, plane);
    const s3 = upper(m + 3 * plane, plane), t3 = lower(m + 3 * plane, plane);
    v128.store(q, f32x4.add(s0, f32x4.add(s1, s2)));
    v128.store(q + pixel, f32x4.sub(f32x4.sub(s1, s2), s3));
    v128.store(q + row, f32x4.add(t0, f32x4.add(t1, t2)));
    v128.store(q + row + pixel, f32x4.sub(f32x4.sub(t1, t2), t3));
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

/** dM = A dout A': 16 planes out of 2x2 pixels. */
export function gradientTile(from: usize, pixel: usize, row: usize, to: usize, plane: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    const p = from + at;
    const q = to + at;
    const a = v128.load(p), b = v128.load(p + pixel);
    const c = v128.load(p + row), d = v128.load(p + row + pixel);
    gradientRow(a, b, q, plane);
    gradientRow(f32x4.add(a, c), f32x4.add(b, d), q + 4 * plane, plane);
    gradientRow(f32x4.sub(a, c), f32x4.sub(b, d), q + 8 * plane, plane);
    gradientRow(f32x4.neg(c), f32x4.neg(d), q + 12 * plane, plane);
  }
}

// @ts-ignore: decorator
@inline
function gradientRow(u: v128, v: v128, to: usize, plane: usize): void {
  v128.store(to, u);
  v128.store(to + plane, f32x4.add(u, v));
  v128.store(to + 2 * plane, f32x4.sub(u, v));
  v128.store(to + 3 * plane, f32x4.neg(v));
}

/** din += B dD B': 4x4 pixels out of 16 planes. */
export function inputGradientTile(from: usize, plane: usize, to: usize, pixel: usize, row: usize): void {
  for (let at: usize = 0; at < pixel; at += 16) {
    addRow(true, from + at, plane, to + at, pixel);
    addMiddleRows(from + at, plane, to + at + row, pixel, row);
    addRow(false, from + at + 12 * plane, plane, to + at + 3 * row, pixel);
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
