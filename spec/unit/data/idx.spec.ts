import { describe, expect, it } from 'vitest';
import { decodeImages, decodeLabels } from '../../../src/data/idx.ts';
import { gateMessage, imageFile, labelFile } from '../../support/tiny-mnist.ts';

const ORIGIN = { file: 'some-file', remedy: 'Do this.' };
const THREE = { count: 3, height: 28, width: 28 };
const images = (bytes: Uint8Array, expected = THREE) => decodeImages(bytes, expected, ORIGIN);
const labels = (bytes: Uint8Array, count = 3) => decodeLabels(bytes, { count, classes: 10 }, ORIGIN);

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

describe('an IDX file', () => {
  it('of images gives its count, size and pixels in order', () => {
    const { count, height, width, pixels } = images(imageFile(3));
    expect([count, height, width, pixels.length]).toEqual([3, 28, 28, 2_352]);
    expect([pixels[0], pixels[1], pixels[784], pixels[2 * 784 + 100]]).toEqual([0, 1, 1, 102]);
  });

  it('of labels gives them in order', () => {
    expect([...labels(labelFile([7, 0, 9]))]).toEqual([7, 0, 9]);
  });

  it('may start anywhere in a larger buffer', () => {
    const inside = Buffer.concat([Buffer.alloc(5), labelFile([1, 2, 3])]).subarray(5);
    expect([...labels(inside)]).toEqual([1, 2, 3]);
  });
});

describe('a wrong IDX file gets an error that names the file, what was expected, found, and what to do', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'labels in place of images',
      () => images(Buffer.concat([labelFile([1, 2, 3]), Buffer.alloc(9)])),
      'magic number: expected 0x00000803, found 0x00000801',
    ],
    [
      'images in place of labels',
      () => labels(imageFile(3)),
      'magic number: expected 0x00000801, found 0x00000803',
    ],
    ['too few images', () => images(imageFile(2)), 'image count: expected 3, found 2'],
    [
      'another image size',
      () => images(changed(imageFile(3), 11, 32)),
      'image size: expected 28x28, found 32x28',
    ],
    ['too few labels', () => labels(labelFile([1, 2])), 'label count: expected 3, found 2'],
    [
      'images that end early',
      () => images(imageFile(3).subarray(0, 2_000)),
      'length: expected 2368 uncompressed bytes, found 2000',
    ],
    [
      'bytes after the last label',
      () => labels(Buffer.concat([labelFile([1, 2, 3]), Buffer.alloc(1)])),
      'length: expected 11 uncompressed bytes, found 12',
    ],
    [
      'an empty file',
      () => labels(Buffer.alloc(0)),
      'length: expected a header of 8 bytes, found 0 bytes in all',
    ],
    [
      'a label above 9',
      () => labels(labelFile([1, 10, 3])),
      'label: expected labels 0 to 9, found 10 at index 1',
    ],
  ];
  it.each(cases)('%s', async (_, decode, told) => {
    expect(await gateMessage(decode)).toBe(`some-file has the wrong ${told}. Do this.`);
  });
});
