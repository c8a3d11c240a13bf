import type { ImageSet } from './dataset.ts';

/** Types of an IDX file's values: http://yann.lecun.com/exdb/mnist/ */
const BYTE = 0x08;
const SHORT = 0x0b;

/** Images as an uncompressed IDX file; channels are a fourth dimension. */
export function imagesFile({
  count,
  height,
  width,
  channels = 1,
  pixels,
}: Omit<ImageSet, 'labels'>): Uint8Array {
  const sizes = channels === 1 ? [count, height, width] : [count, height, width, channels];
  return Buffer.concat([header(BYTE, sizes), pixels]);
}

/** Labels as an uncompressed IDX file; of more than 256 classes they are shorts. */
export function labelsFile(
  { count, labels }: Pick<ImageSet, 'count' | 'labels'>,
  classes: number,
): Uint8Array {
  if (classes <= 256) return Buffer.concat([header(BYTE, [count]), Uint8Array.from(labels)]);
  const shorts = Buffer.alloc(2 * labels.length);
  labels.forEach((label, i) => shorts.writeUInt16BE(label, 2 * i));
  return Buffer.concat([header(SHORT, [count]), shorts]);
}

function header(type: number, sizes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * sizes.length);
  bytes.writeUInt32BE(type * 256 + sizes.length);
  sizes.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
  return bytes;
}
