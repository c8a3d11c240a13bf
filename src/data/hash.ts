import type { Dataset, ImageSet } from './dataset.ts';
import { combinedSha256, sha256Of } from './sha256.ts';

/**
 * SHA-256 of the images and labels themselves: `combinedSha256` of the IDX files that would hold them (train images, train
 * labels, test images, test labels), so that for MNIST it is that of the published files. Labels of more than 256 classes are
 * shorts there, channels a fourth dimension.
 */
export function hashOf({ classes, train, test }: Pick<Dataset, 'classes' | 'train' | 'test'>): string {
  return combinedSha256(
    [train, test].flatMap((set) => [sha256Of(imagesFile(set)), sha256Of(labelsFile(set, classes))]),
  );
}

/** Types of an IDX file's values: http://yann.lecun.com/exdb/mnist/ */
const BYTE = 0x08;
const SHORT = 0x0b;

function imagesFile({ count, height, width, channels = 1, pixels }: ImageSet): Uint8Array {
  const sizes = channels === 1 ? [count, height, width] : [count, height, width, channels];
  return Buffer.concat([header(BYTE, sizes), pixels]);
}

function labelsFile({ count, labels }: ImageSet, classes: number): Uint8Array {
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
