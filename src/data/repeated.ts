import { sha256Of } from './sha256.ts';
import { type Dataset, imageSize } from './dataset.ts';

/** How many test images are, pixel for pixel, also training images. */
export function repeatedInputs({ train, test }: Pick<Dataset, 'train' | 'test'>): number {
  const size = imageSize(train);
  if (size !== imageSize(test)) return 0;
  return countRepeated(rowsOf(train.pixels, train.count, size), rowsOf(test.pixels, test.count, size));
}

/** How many of `test` have the same bytes as one of `train`. */
export function countRepeated(train: Iterable<Uint8Array>, test: Iterable<Uint8Array>): number {
  const known = new Set<string>();
  for (const input of train) known.add(sha256Of(input));
  let repeated = 0;
  for (const input of test) if (known.has(sha256Of(input))) repeated++;
  return repeated;
}

function* rowsOf(bytes: Uint8Array, count: number, size: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield bytes.subarray(i * size, (i + 1) * size);
}
