import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { datasetOfNumpy, type NumpyOptions } from '../../../src/data/numpy.ts';
import { parseNpy } from '../../../src/formats/npy.ts';
import { npyOf } from '../../support/npy.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'numpy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TRAIN = Uint8Array.from({ length: 3 * 4 * 2 }, (_, i) => 10 * i);
const TEST = Uint8Array.from({ length: 2 * 4 * 2 }, (_, i) => 255 - i);
const ARRAYS = {
  x_train: npyOf([3, 4, 2], TRAIN),
  y_train: npyOf([3], wide(0, 1, 2), { type: '<i8' }),
  x_test: npyOf([2, 4, 2], TEST),
  y_test: npyOf([2, 1], Uint8Array.of(1, 0)),
};

/** NumPy's default for whole numbers is eight bytes. */
function wide(...values: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
}

let files = 0;
function npz(arrays: Readonly<Record<string, Uint8Array>>, level: 0 | 9 = 0): string {
  const file = path.join(folder, `data${files++}.npz`);
  const entries = Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes] as const);
  writeFileSync(file, zipSync(Object.fromEntries(entries), { level }));
  return file;
}

const read = (changes: Readonly<Record<string, Uint8Array>>, options: NumpyOptions = {}) =>
  datasetOfNumpy(npz({ ...ARRAYS, ...changes }), { name: 'made up', ...options });

describe('a data set of NumPy arrays', () => {
  const expected = {
    name: 'made up',
    classes: 3,
    train: { count: 3, height: 4, width: 2, pixels: TRAIN, labels: Uint16Array.of(0, 1, 2) },
    test: { count: 2, height: 4, width: 2, pixels: TEST, labels: Uint16Array.of(1, 0) },
  };

  it.each([0, 9] as const)('is read from a .npz file, packed at level %i', (level) => {
    const data = datasetOfNumpy(npz(ARRAYS, level), { name: 'made up' });
    expect(data).toMatchObject(expected);
  });

  it('is read from a folder of .npy files, whatever they are called', () => {
    const names = { trainImages: 'a', trainLabels: 'b', testImages: 'c', testLabels: 'd' };
    Object.values(ARRAYS).forEach((bytes, i) => {
      writeFileSync(path.join(folder, `${'abcd'[i]}.npy`), bytes);
    });
    expect(datasetOfNumpy(folder, { name: 'made up', arrays: names })).toMatchObject(expected);
  });

  it('has channels where its images have four sizes', () => {
    const colours = read({ x_train: npyOf([3, 4, 1, 2], TRAIN), x_test: npyOf([2, 4, 1, 2], TEST) });
    expect(colours.train).toMatchObject({ height: 4, width: 1, channels: 2 });
  });

  it.each([
    [
      'pixels that are normalized already',
      { x_test: npyOf([1, 1, 1], new Uint8Array(4), { type: '<f4' }) },
      'expected whole numbers, little-endian (uint8 for pixels), found <f4. Save pixels as they are, from 0 to 255',
    ],
    [
      'numbers column by column',
      { x_test: npyOf([2, 4, 2], TEST, { order: 'True' }) },
      'found column by column. Save np.ascontiguousarray',
    ],
    ['a list of pixels', { x_test: npyOf([16], TEST) }, 'found u1 of (16). Channels that come first'],
    ['one-hot labels', { y_test: npyOf([2, 2], Uint8Array.of(0, 1, 1, 0)) }, 'argmax(1)'],
    ['a negative label', { y_test: npyOf([2], wide(0, -1), { type: '<i8' }) }, 'found -1 at index 1'],
    ['a label too few', { y_test: npyOf([1], Uint8Array.of(0)) }, 'expected 2 test labels, found 1'],
    ['bytes that are none', { y_test: Uint8Array.of(1, 2) }, 'expected a file that begins with "\\x93NUMPY"'],
  ])('is refused with %s', (_, changes, message) => {
    expect(() => read(changes)).toThrow(message);
  });

  it('is refused where an array is missing, and the ones that are there are named', () => {
    expect(() => read({}, { arrays: { testLabels: 'labels' } })).toThrow(
      'expected an array "labels", found x_train, y_train, x_test, y_test',
    );
  });
});

describe('what claims more than it has', () => {
  it('is refused by the size of its file, before memory is taken: a shape', () => {
    const huge = npyOf([1_000_000, 1_000_000, 1_000_000], new Uint8Array(8));
    expect(() => parseNpy(huge, 'x.npy')).toThrow('expected 1000000000000000000 bytes');
  });

  it('is refused before it is unpacked: an archive', () => {
    const bomb = claiming(2 ** 30, npz({ ...ARRAYS, x_test: new Uint8Array(2 ** 20) }, 9));
    expect(() => datasetOfNumpy(bomb)).toThrow(
      /is too large: expected .+ of at most 512 MiB, found 1024\.0 MiB/,
    );
  });

  it('is unpacked up to what it claims and no further: an archive that says too little', () => {
    const whole = npyOf([2 ** 17, 4, 2], new Uint8Array(2 ** 20));
    const liar = claiming(1_000, npz({ ...ARRAYS, x_test: whole }, 9));
    expect(() => datasetOfNumpy(liar)).toThrow('expected 1048576 bytes of 131072 x 4 x 2 numbers, found 872');
  });
});

/** The archive with another unpacked size of x_test in its directory, which lies at its end. */
function claiming(size: number, file: string): string {
  const bytes = readFileSync(file);
  const directory = bytes.indexOf('PK\u0001\u0002', 0, 'latin1');
  const HEADER = { bytes: 46, size: 24 };
  bytes.writeUInt32LE(size, bytes.indexOf('x_test.npy', directory) - HEADER.bytes + HEADER.size);
  writeFileSync(file, bytes);
  return file;
}
