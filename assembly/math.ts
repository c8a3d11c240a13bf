/**
 * Functions of four floats out of +, -, *, / and the bits of a float alone: the same bits on every machine. Ranges are reduced as in the
 * Cephes library (Moshier, https://netlib.org/cephes); accuracy is stated and tested in `spec/kernels/native-pointwise.spec.ts`.
 */

// @ts-ignore: decorator
@inline
function splat(value: f32): v128 {
  return f32x4.splat(value);
}

/** e^x, relative error under 3e-7; x is taken as at least -87 and at most 88. */
export function exp4(x: v128): v128 {
  x = f32x4.min(f32x4.max(x, splat(-87)), splat(88));
  const n = f32x4.nearest(f32x4.mul(x, splat(1.44269504)));
  // log(2) in two parts, the first of few bits: n times it is exact.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(0.693359375))), f32x4.mul(n, splat(-2.12194440e-4)));
  let p = f32x4.add(f32x4.mul(splat(1.9875691500e-4), r), splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), splat(5.0000001201e-1));
  const value = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(value, power);
}

/** log x of 1 <= x <= 2, absolute error under 1e-7. */
function logNearOne(x: v128): v128 {
  const isLarge = f32x4.gt(x, splat(1.41421356));
  const m = f32x4.sub(v128.bitselect(f32x4.mul(x, splat(0.5)), x, isLarge), splat(1));
  const z = f32x4.mul(m, m);
  let p = f32x4.add(f32x4.mul(splat(7.0376836292e-2), m), splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), splat(3.3333331174e-1));
  const log = f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(p, m), z), f32x4.mul(splat(0.5), z)), m);
  return f32x4.add(log, v128.and(splat(0.69314718), isLarge));
}

/** log(1 + e^x): max(x, 0) + log(1 + u) with u = e^-|x|. What 1 + u rounds away is made good by u / ((1 + u) - 1). */
export function softplus4(x: v128): v128 {
  const u = exp4(f32x4.neg(f32x4.abs(x)));
  const w = f32x4.add(splat(1), u);
  const exact = f32x4.div(f32x4.mul(logNearOne(w), u), f32x4.sub(w, splat(1)));
  const log = v128.bitselect(u, exact, f32x4.eq(w, splat(1)));
  return f32x4.add(f32x4.max(x, splat(0)), log);
}

/** 1 / (1 + e^-x). */
export function sigmoid4(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(x))));
}

/** Relative error under 5e-7: a polynomial where 1 - 2 / (e^2x + 1) would lose digits. */
export function tanh4(x: v128): v128 {
  const a = f32x4.abs(x);
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(exp4(f32x4.add(a, a)), splat(1))));
  const z = f32x4.mul(x, x);
  let p = f32x4.add(f32x4.mul(splat(-5.70498872745e-3), z), splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(a, splat(0.625)));
}

/** Absolute error under 5e-7: formula 7.1.26 of Abramowitz and Stegun, which tfjs has, too. */
export function erf4(x: v128): v128 {
  const a = f32x4.abs(x);
  const t = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.mul(splat(0.3275911), a)));
  let p = f32x4.add(f32x4.mul(splat(1.061405429), t), splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), splat(0.254829592));
  const rest = f32x4.mul(f32x4.mul(p, t), exp4(f32x4.neg(f32x4.mul(x, x))));
  return v128.or(f32x4.sub(splat(1), rest), v128.and(x, i32x4.splat(0x80000000)));
}
