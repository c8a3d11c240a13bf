import { finish } from './gather';
import { LANES } from './layout';

/**
 * Four neighbouring outputs of a depthwise convolution whose rows of taps are three neighbours, stride 1, all within the source: each input
 * is loaded once for the taps of three outputs. The same sums in the same order as `depthwise` has them tap by tap.
 *
 * `input`, `weights` and `output` are the first channel's; `pixel` bytes from a position to the next, `wTap` from a tap to the next.
 */
export function fourOutputs(
  input: usize,
  weights: usize,
  output: usize,
  rows: i32,
  channels: i32,
  inRow: usize,
  wRow: usize,
  bias: usize,
  adds: i32,
  live: i32,
): void {
  const pixel = <usize>channels * LANES;
  const wTap = <usize>channels << 2;
  const next: usize = bias ? 4 : 0;
  for (let c = 0; c < channels; c++) {
    channel(input, weights, output, rows, pixel, inRow, wTap, wRow, bias, adds, live);
    input += LANES;
    weights += 4;
    output += LANES;
    bias += next;
  }
}

function channel(
  input: usize,
  weights: usize,
  output: usize,
  rows: i32,
  pixel: usize,
  inRow: usize,
  wTap: usize,
  wRow: usize,
  bias: usize,
  adds: i32,
  live: i32,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, b0 = zero, a1 = zero, b1 = zero, a2 = zero, b2 = zero, a3 = zero, b3 = zero;
  for (; rows > 0; rows--) {
    const k0 = v128.load32_splat(weights);
    const k1 = v128.load32_splat(weights + wTap);
    const k2 = v128.load32_splat(weights + 2 * wTap);
    let p = input;
    let x = v128.load(p);
    let y = v128.load(p, 16);
    a0 = f32x4.add(a0, f32x4.mul(x, k0));
    b0 = f32x4.add(b0, f32x4.mul(y, k0));
    p += pixel;
    x = v128.load(p);
    y = v128.load(p, 16);
    a0 = f32x4.add(a0, f32x4.mul(x, k1));
    b0 = f32x4.add(b0, f32x4.mul(y, k1));
    a1 = f32x4.add(a1, f32x4.mul(x, k0));
    b1 = f32x4.add(b1, f32x4.mul(y, k0));
    p += pixel;
    x = v128.load(p);
    y = v128.load(p, 16);
    a0 = f32x4.add(a0, f32x4.mul(x, k2));
    b0 = f32x4.add(b0, f32x4.mul(y, k2));
    a1 = f32x4.add(a1, f32x4.mul(x, k1));
    b1 = f32x4.add(b1, f32x4.mul(y, k1));
    a2 = f32x4.add(a2, f32x4.mul(x, k0));
    b2 = f32x4.add(b2, f32x4.mul(y, k0));
    p += pixel;
    x = v128.load(p);
    y = v128.load(p, 16);
    a1 = f32x4.add(a1, f32x4.mul(x, k2));
    b1 = f32x4.add(b1, f32x4.mul(y, k2));
    a2 = f32x4.add(a2, f32x4.mul(x, k1));
    b2 = f32x4.add(b2, f32x4.mul(y, k1));
    a3 = f32x4.add(a3, f32x4.mul(x, k0));
    b3 = f32x4.add(b3, f32x4.mul(y, k0));
    p += pixel;
    x = v128.load(p);
    y = v128.load(p, 16);
    a2 = f32x4.add(a2, f32x4.mul(x, k2));
    b2 = f32x4.add(b2, f32x4.mul(y, k2));
    a3 = f32x4.add(a3, f32x4.mul(x, k1));
    b3 = f32x4.add(b3, f32x4.mul(y, k1));
    p += pixel;
    x = v128.load(p);
    y = v128.load(p, 16);
    a3 = f32x4.add(a3, f32x4.mul(x, k2));
    b3 = f32x4.add(b3, f32x4.mul(y, k2));
    input += inRow;
    weights += wRow;
  }
  finish(output, a0, b0, bias, adds, live);
  finish(output + pixel, a1, b1, bias, adds, live);
  finish(output + 2 * pixel, a2, b2, bias, adds, live);
  finish(output + 3 * pixel, a3, b3, bias, adds, live);
}
