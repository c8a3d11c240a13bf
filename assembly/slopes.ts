import { addLanes } from './filter-gradient';
import { placeOf } from './kernel';
import { LANES } from './layout';

/** Parametric ReLU: x where positive, a learned slope times x elsewhere. */

@unmanaged
export class Slopes {
  input: usize;
  inputStride: i32;
  output: usize;
  outputStride: i32;
  floats: i32;
  /** f32 [slopes]: value i has slope i modulo `slopes`. */
  alpha: usize;
  slopes: i32;
}

@unmanaged
export class SlopesGradient extends Slopes {
  gradient: usize;
  gradientStride: i32;
  /** 0: nobody needs it. */
  inputGradient: usize;
  inputGradientStride: i32;
  /** f32 [slopes] a shard. */
  sums: usize;
  sumsStride: i32;
}

export function parametricRelu(d: Slopes, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  const zero = f32x4.splat(0);
  for (let i = 0; i < d.floats; i++) {
    const slope = v128.load32_splat(d.alpha + (<usize>(i % d.slopes) << 2));
    for (let at = <usize>i * LANES, end = at + LANES; at < end; at += 16) {
      const x = v128.load(input + at);
      v128.store(output + at, v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, zero)));
    }
  }
}

export function parametricReluGradient(d: SlopesGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const to = placeOf(d.inputGradient, d.inputGradientStride, block);
  const sums = placeOf(d.sums, d.sumsStride, shard);
  const zero = f32x4.splat(0);
  for (let i = 0; i < d.floats; i++) {
    const o = <usize>(i % d.slopes) << 2;
    const slope = v128.load32_splat(d.alpha + o);
    let sum = zero;
    for (let at = <usize>i * LANES, end = at + LANES; at < end; at += 16) {
      const x = v128.load(input + at);
      const g = v128.load(gradient + at);
      const isPositive = f32x4.gt(x, zero);
      sum = f32x4.add(sum, v128.andnot(f32x4.mul(g, x), isPositive));
      if (d.inputGradient) v128.store(to + at, v128.bitselect(g, f32x4.mul(g, slope), isPositive));
    }
    if (d.sums) addLanes(sums + o, sum);
  }
}
