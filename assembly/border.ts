import { placeOf } from './kernel';
import { LANES } from './layout';

/** Rows and columns around a map: zeros, the border's own values, or mirrored ones (without the border itself). */
const ZEROS = 0;
const REPLICATE = 1;

@unmanaged
export class Border {
  input: usize;
  inputStride: i32;
  height: i32;
  width: i32;
  channels: i32;
  output: usize;
  outputStride: i32;
  outHeight: i32;
  outWidth: i32;
  top: i32;
  left: i32;
  /** 0: zeros; 1: replicate; 2: reflect. */
  mode: i32;
  /** Of the gradient. 1: adds to what is there. */
  adds: i32;
}

/** Which of `size` inputs lies at `at`; -1: none. */
function sourceOf(at: i32, size: i32, mode: i32): i32 {
  if (at >= 0 && at < size) return at;
  if (mode == ZEROS) return -1;
  if (mode == REPLICATE) return at < 0 ? 0 : size - 1;
  return at < 0 ? -at : 2 * (size - 1) - at;
}

/** output = input with a border. */
export function pad(d: Border, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  let to = placeOf(d.output, d.outputStride, block);
  const pixel = <usize>d.channels * LANES;
  for (let y = 0; y < d.outHeight; y++) {
    const row = sourceOf(y - d.top, d.height, d.mode);
    for (let x = 0; x < d.outWidth; x++, to += pixel) {
      const column = sourceOf(x - d.left, d.width, d.mode);
      if (row < 0 || column < 0) memory.fill(to, 0, pixel);
      else memory.copy(to, input + <usize>(row * d.width + column) * pixel, pixel);
    }
  }
}

/** input += output, each value to where it came from: here `output` is read and `input` is written. */
export function padGradient(d: Border, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  let from = placeOf(d.output, d.outputStride, block);
  const pixel = <usize>d.channels * LANES;
  if (!d.adds) memory.fill(input, 0, <usize>(d.height * d.width) * pixel);
  for (let y = 0; y < d.outHeight; y++) {
    const row = sourceOf(y - d.top, d.height, d.mode);
    for (let x = 0; x < d.outWidth; x++, from += pixel) {
      const column = sourceOf(x - d.left, d.width, d.mode);
      if (row < 0 || column < 0) continue;
      const to = input + <usize>(row * d.width + column) * pixel;
      for (let at: usize = 0; at < pixel; at += 16) {
        v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
      }
    }
  }
}
