import { describe, expect, it } from 'vitest';
import { checkDataset, makeDataset } from '../../../src/data/check-dataset.ts';
import { type ImageSet, pick, slice } from '../../../src/data/dataset.ts';
import { hashOf } from '../../../src/data/hash.ts';
import { findMnist, MNIST_SHA256 } from '../../../src/data/mnist.ts';
import { combinedSha256, sha256Of } from '../../../src/data/sha256.ts';

const images = (count: number, labels: ImageSet['labels'] = new Uint8Array(count)): ImageSet => ({
  count,
  height: 2,
  width: 1,
  channels: 3,
  pixels: Uint8Array.from({ length: 6 * count }, (_, i) => i),
  labels,
});
const PARTS = { name: 'made up', classes: 2, train: images(3, Uint8Array.of(0, 1, 1)), test: images(2) };

describe('a dataset', () => {
  it('is made with the hash of its own bytes', () => {
    const data = makeDataset(PARTS);
    expect(data).toEqual({ ...PARTS, source: 'memory', sha256: hashOf(PARTS) });
    expect(() => checkDataset(data)).not.toThrow();
  });

  it.each([
    ['one class', { classes: 1 }, 'expected 2 to 65536 classes, found 1'],
    [
      'no images',
      { test: images(0) },
      'expected at least one test image of at least one pixel, found 0 of 2x1x3',
    ],
    [
      'bytes that lack',
      { train: { ...images(3), pixels: new Uint8Array(17) } },
      'expected 3 x 2x1x3 = 18 bytes of training images, found 17',
    ],
    ['a label too few', { train: images(3, new Uint8Array(2)) }, 'expected 3 training labels, found 2'],
    [
      'a label that is no class',
      { test: images(2, Uint8Array.of(0, 2)) },
      'expected test labels 0 to 1, found 2 at index 1',
    ],
    [
      'test images of another size',
      { test: { ...images(2), height: 1, width: 2 } },
      'expected test images of 2x1x3, like the training images, found 1x2x3',
    ],
  ])('with %s is refused, by name', (_, change, message) => {
    expect(() => makeDataset({ ...PARTS, ...change })).toThrow(
      `The data "made up" cannot be used: ${message}`,
    );
  });

  it('that claims a hash of other bytes is refused', () => {
    const data = makeDataset(PARTS);
    const forged = { ...data, test: images(2, Uint8Array.of(1, 0)) };
    expect(() => checkDataset(forged)).toThrow(
      `expected its SHA-256 ${data.sha256}, found ${hashOf(forged)}`,
    );
  });

  it('may have a thousand classes', () => {
    const labels = Uint16Array.of(0, 299, 999);
    const data = makeDataset({ ...PARTS, classes: 1_000, train: images(3, labels) });
    expect(data.sha256).not.toBe(makeDataset({ ...PARTS, classes: 1_000 }).sha256);
    expect([...pick(data.train, [2, 1]).labels]).toEqual([999, 299]);
  });

  it('is cut and picked by whole images, all channels', () => {
    expect([...slice(images(3), 1, 2).pixels]).toEqual([6, 7, 8, 9, 10, 11]);
    expect([...pick(images(3), [2, 0]).pixels]).toEqual([12, 13, 14, 15, 16, 17, 0, 1, 2, 3, 4, 5]);
  });
});

describe('the hash of a dataset', () => {
  it('is that of IDX files: big-endian sizes before the bytes, worked by hand', () => {
    const file = (header: readonly number[], bytes: ArrayLike<number>) =>
      sha256Of(Uint8Array.from([...header, ...Array.from(bytes)]));
    const expected = combinedSha256([
      file([0, 0, 8, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3], PARTS.train.pixels),
      file([0, 0, 8, 1, 0, 0, 0, 3], [0, 1, 1]),
      file([0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3], PARTS.test.pixels),
      file([0, 0, 8, 1, 0, 0, 0, 2], [0, 0]),
    ]);
    expect(hashOf(PARTS)).toBe(expected);
  });

  it('is that of the published files for MNIST', async ({ skip }) => {
    const mnist = await findMnist();
    if (mnist === undefined) return skip('no MNIST at hand');
    expect(hashOf(mnist)).toBe(MNIST_SHA256);
    return undefined;
  });
});
