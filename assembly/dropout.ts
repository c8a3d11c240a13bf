import { placeOf } from './kernel';
import { isYes, LANES, No, Yes } from './layout';
import { mix4 } from './random';

/** Dropout by itself, of elements or of whole channels: the masks of `activation.ts`, drawn again for the gradient. */

@unmanaged
export class Dropout {
  input: usize;
  inputStride: i32;
  output: usize;
  outputStride: i32;
  /** Of one image: `draws` decisions, each about `repeats` values that lie `draws` apart. */
  draws: i32;
  repeats: i32;
  /** Address of the step's key. */
  key: usize;
  threshold: i32;
  keepScale: f32;
  /** 1: adds to what is there. */
  adds: i32;
}

/** output = input keepScale where kept, else 0; of the gradient just so. */
export function dropout(d: Dropout, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  if (d.adds) dropped<Yes>(d, input, output, block);
  else dropped<No>(d, input, output, block);
}

function dropped<Adds>(d: Dropout, input: usize, output: usize, block: i32): void {
  const key = i32x4.splat(load<i32>(d.key));
  const keep = f32x4.splat(d.keepScale);
  const last = i32x4.splat(d.threshold - 1);
  const draws = d.draws;
  const step = <usize>draws * LANES;
  const end = step * <usize>d.repeats;
  let index = i32x4.add(i32x4.splat(block * 8 * draws), i32x4(0, draws, 2 * draws, 3 * draws));
  for (let from: usize = 0; from < step; from += LANES) {
    const bits = mix4(v128.xor(index, key));
    const first = i32x4.gt_s(v128.and(bits, i32x4.splat(0xffff)), last);
    const second = i32x4.gt_s(i32x4.shr_u(bits, 16), last);
    index = i32x4.add(index, i32x4.splat(1));
    for (let at = from; at < end; at += step) {
      let u = v128.and(f32x4.mul(v128.load(input + at), keep), first);
      let v = v128.and(f32x4.mul(v128.load(input + at, 16), keep), second);
      if (isYes<Adds>()) {
        u = f32x4.add(u, v128.load(output + at));
        v = f32x4.add(v, v128.load(output + at, 16));
      }
      v128.store(output + at, u);
      v128.store(output + at, v, 16);
    }
  }
}
