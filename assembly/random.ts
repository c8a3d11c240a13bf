/** Four counters at once through the mixing function of `src/random.ts`, to the same bits. */
// @ts-ignore: decorator
@inline
export function mix4(counters: v128): v128 {
  let x = v128.xor(counters, i32x4.shr_u(counters, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
