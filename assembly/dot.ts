import { LANES } from './layout';

/**
 * The innermost loop of every convolution: `tile` (1 to 4) sums over a run of `run` values, for eight images.
 * out[o][image] = sum over i of in[i][image] * w[i * wStep + o], over `rows` runs that lie inRow and wRow bytes apart.
 *
 * Eight sums, two inputs and four weights are fourteen of the fifteen registers that V8 has to give; it lifts all
 * loads of a loop to its top, so a fifth channel (ten sums, seven loads) would spill.
 */
// @ts-ignore: decorator
@inline
export function dot(
  tile: i32,
  input: usize,
  weights: usize,
  output: usize,
  rows: i32,
  run: i32,
  inRow: usize,
  wRow: usize,
  wStep: usize,
): void {
  let a0 = f32x4.splat(0), b0 = f32x4.splat(0);
  let a1 = f32x4.splat(0), b1 = f32x4.splat(0);
  let a2 = f32x4.splat(0), b2 = f32x4.splat(0);
  let a3 = f32x4.splat(0), b3 = f32x4.splat(0);
  for (; rows > 0; rows--) {
    let from = input;
    let w = weights;
    const end = from + <usize>run * LANES;
    while (from < end) {
      const x = v128.load(from);
      const y = v128.load(from, 16);
      const k0 = v128.load32_splat(w);
      a0 = f32x4.add(a0, f32x4.mul(x, k0));
      b0 = f32x4.add(b0, f32x4.mul(y, k0));
      if (tile > 1) {
        const k1 = v128.load32_splat(w, 4);
        a1 = f32x4.add(a1, f32x4.mul(x, k1));
        b1 = f32x4.add(b1, f32x4.mul(y, k1));
      }
      if (tile > 2) {
        const k2 = v128.load32_splat(w, 8);
        a2 = f32x4.add(a2, f32x4.mul(x, k2));
        b2 = f32x4.add(b2, f32x4.mul(y, k2));
      }
      if (tile > 3) {
        const k3 = v128.load32_splat(w, 12);
        a3 = f32x4.add(a3, f32x4.mul(x, k3));
        b3 = f32x4.add(b3, f32x4.mul(y, k3));
      }
      from += LANES;
      w += wStep;
    }
    input += inRow;
    weights += wRow;
  }
  store4(tile, output, a0, b0, a1, b1, a2, b2, a3, b3);
}

/**
 * `dot` of a single run of at least one value whose weights lie side by side: the first products begin the sums, which saves setting them to 0 and
 * counts where runs are as short as four.
 */
// @ts-ignore: decorator
@inline
export function dotRun(tile: i32, input: usize, weights: usize, output: usize, run: i32): void {
  const wStep = <usize>tile << 2;
  const p = v128.load(input);
  const q = v128.load(input, 16);
  const l0 = v128.load32_splat(weights);
  let a0 = f32x4.mul(p, l0), b0 = f32x4.mul(q, l0);
  const l1 = tile > 1 ? v128.load32_splat(weights, 4) : l0;
  let a1 = f32x4.mul(p, l1), b1 = f32x4.mul(q, l1);
  const l2 = tile > 2 ? v128.load32_splat(weights, 8) : l0;
  let a2 = f32x4.mul(p, l2), b2 = f32x4.mul(q, l2);
  const l3 = tile > 3 ? v128.load32_splat(weights, 12) : l0;
  let a3 = f32x4.mul(p, l3), b3 = f32x4.mul(q, l3);
  const end = input + <usize>run * LANES;
  for (let from = input + LANES, w = weights + wStep; from < end; from += LANES, w += wStep) {
    const x = v128.load(from);
    const y = v128.load(from, 16);
    const k0 = v128.load32_splat(w);
    a0 = f32x4.add(a0, f32x4.mul(x, k0));
    b0 = f32x4.add(b0, f32x4.mul(y, k0));
    if (tile > 1) {
      const k1 = v128.load32_splat(w, 4);
      a1 = f32x4.add(a1, f32x4.mul(x, k1));
      b1 = f32x4.add(b1, f32x4.mul(y, k1));
    }
    if (tile > 2) {
      const k2 = v128.load32_splat(w, 8);
      a2 = f32x4.add(a2, f32x4.mul(x, k2));
      b2 = f32x4.add(b2, f32x4.mul(y, k2));
    }
    if (tile > 3) {
      const k3 = v128.load32_splat(w, 12);
      a3 = f32x4.add(a3, f32x4.mul(x, k3));
      b3 = f32x4.add(b3, f32x4.mul(y, k3));
    }
  }
  store4(tile, output, a0, b0, a1, b1, a2, b2, a3, b3);
}

// @ts-ignore: decorator
@inline
function store4(
  tile: i32,
  output: usize,
  a0: v128,
  b0: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
): void {
  v128.store(output, a0);
  v128.store(output, b0, 16);
  if (tile > 1) {
    v128.store(output, a1, 32);
    v128.store(output, b1, 48);
  }
  if (tile > 2) {
    v128.store(output, a2, 64);
    v128.store(output, b2, 80);
  }
  if (tile > 3) {
    v128.store(output, a3, 96);
    v128.store(output, b3, 112);
  }
}
