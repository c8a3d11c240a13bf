import { LANES } from './layout';

/** An image to be laid into one lane of a block; `src/engine/native/images.ts` writes it. */
@unmanaged
class Image {
  /** u8 [height][width][channels]. */
  pixels: usize;
  height: i32;
  width: i32;
  channels: i32;
  /** The fixed-point map of `src/data/augment.ts`. */
  fromX: i32;
  fromY: i32;
  acrossX: i32;
  acrossY: i32;
  downX: i32;
  downY: i32;
  fractionBits: i32;
  /** f32 [channels][256] each: what a byte becomes, and, by its first value, what black is. */
  table: usize;
  blackTable: usize;
  /** The lane's first value. */
  target: usize;
  /** A square of black pixels; of size 0: none. */
  cutLeft: i32;
  cutTop: i32;
  cutSize: i32;
}

/** Lays an image of bytes into one lane of a block, to the bits of `augmentInto`. */
export function layImage(d: usize): void {
  const c = changetype<Image>(d);
  if (c.channels == 1 && c.cutSize == 0) layGray(c);
  else layAny(c);
}

/** One channel and no cutout: half the work of `layAny`, and its fields in registers. */
function layGray(c: Image): void {
  const pixels = c.pixels;
  const table = c.table;
  const height = c.height;
  const width = c.width;
  const acrossX = c.acrossX;
  const acrossY = c.acrossY;
  const bits = c.fractionBits;
  const black = load<f32>(c.blackTable);
  let rowX = c.fromX;
  let rowY = c.fromY;
  let to = c.target;
  for (let y = 0; y < height; y++) {
    let x16 = rowX;
    let y16 = rowY;
    for (const end = to + <usize>width * LANES; to < end; to += LANES) {
      const column = x16 >> bits;
      const row = y16 >> bits;
      // Unsigned, so that one comparison catches both ends.
      if (<u32>column < <u32>width && <u32>row < <u32>height) {
        const byte = <usize>load<u8>(pixels + <usize>(row * width + column));
        store<f32>(to, load<f32>(table + (byte << 2)));
      } else {
        store<f32>(to, black);
      }
      x16 += acrossX;
      y16 += acrossY;
    }
    rowX += c.downX;
    rowY += c.downY;
  }
}

function layAny(c: Image): void {
  const tables = c.channels << 10;
  let rowX = c.fromX;
  let rowY = c.fromY;
  let to = c.target;
  for (let y = 0; y < c.height; y++) {
    let x16 = rowX;
    let y16 = rowY;
    const isCutRow = <u32>(y - c.cutTop) < <u32>c.cutSize;
    for (let x = 0; x < c.width; x++) {
      const column = x16 >> c.fractionBits;
      const row = y16 >> c.fractionBits;
      const isCut = isCutRow && <u32>(x - c.cutLeft) < <u32>c.cutSize;
      // Unsigned, so that one comparison catches both ends.
      if (!isCut && <u32>column < <u32>c.width && <u32>row < <u32>c.height) {
        let from = c.pixels + <usize>((row * c.width + column) * c.channels);
        for (let table = c.table, end = c.table + tables; table < end; table += 1024, from++, to += LANES) {
          store<f32>(to, load<f32>(table + (<usize>load<u8>(from) << 2)));
        }
      } else {
        for (let table = c.blackTable, end = c.blackTable + tables; table < end; table += 1024, to += LANES) {
          store<f32>(to, load<f32>(table));
        }
      }
      x16 += c.acrossX;
      y16 += c.acrossY;
    }
    rowX += c.downX;
    rowY += c.downY;
  }
}
