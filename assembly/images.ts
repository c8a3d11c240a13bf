import { LANES } from './layout';

/**
 * Lays an image of bytes into one lane of a block, as table[byte], its pixels picked by the fixed-point map of
 * `src/data/augment.ts`: pixel (x, y) is source pixel (fromX + x cos + y sin, fromY - x sin + y cos), black outside.
 */
export function layImage(
  pixels: usize,
  height: i32,
  width: i32,
  fromX: i32,
  fromY: i32,
  cos: i32,
  sin: i32,
  fractionBits: i32,
  table: usize,
  target: usize,
): void {
  const black = load<f32>(table);
  let to = target;
  for (let y = 0; y < height; y++) {
    let x16 = fromX;
    let y16 = fromY;
    for (let x = 0; x < width; x++) {
      const column = x16 >> fractionBits;
      const row = y16 >> fractionBits;
      // Unsigned, so that one comparison catches both ends.
      if (<u32>column < <u32>width && <u32>row < <u32>height) {
        const byte = <usize>load<u8>(pixels + <usize>(row * width + column));
        store<f32>(to, load<f32>(table + (byte << 2)));
      } else {
        store<f32>(to, black);
      }
      to += LANES;
      x16 += cos;
      y16 -= sin;
    }
    fromX += sin;
    fromY += cos;
  }
}
