import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findMnist, loadMnist } from '../../../src/data/mnist.ts';
import type { MnistOptions } from '../../../src/data/mnist.ts';
import { combinedSha256 } from '../../../src/data/sha256.ts';
import {
  TEST_LABELS,
  TINY_BYTES,
  TINY_FILES,
  TRAIN_LABELS,
  gateMessage,
  imageFile,
  labelFile,
  temporaryFolder,
  tinyFolder,
} from '../../support/tiny-mnist.ts';

const neverFetch = () => Promise.reject(new Error('the network was used'));

const given = (folder: string): MnistOptions => ({
  env: { MNIST_DIR: folder },
  files: TINY_FILES,
  fetch: neverFetch,
});
const cached = (folder: string): MnistOptions => ({
  env: { MNIST_DIR: '', MNIST_CACHE: folder },
  files: TINY_FILES,
  fetch: neverFetch,
});

describe('MNIST in a folder', () => {
  it('is read from gzipped files', async () => {
    const folder = await tinyFolder();
    const { train, test, classes, source } = await loadMnist(given(folder));
    expect([train.count, train.height, train.width, test.count, classes]).toEqual([3, 28, 28, 2, 10]);
    expect([...train.labels]).toEqual(TRAIN_LABELS);
    expect([...test.labels]).toEqual(TEST_LABELS);
    expect([...train.pixels]).toEqual([...imageFile(3).subarray(16)]);
    expect([...test.pixels]).toEqual([...imageFile(2).subarray(16)]);
    expect(source).toBe(folder);
  });

  it('is the same when the files are plain, or plain under a gzipped name', async () => {
    const [name, other] = ['train-images-idx3-ubyte', 't10k-labels-idx1-ubyte'];
    const changes = {
      [`${name}.gz`]: undefined,
      [name]: TINY_BYTES[name],
      [`${other}.gz`]: TINY_BYTES[other],
    };
    const mixed = await loadMnist(given(await tinyFolder(changes)));
    const gzipped = await loadMnist(given(await tinyFolder()));
    expect({ ...mixed, source: '' }).toEqual({ ...gzipped, source: '' });
  });

  it('has a data hash over the hashes of the four files in order', async () => {
    const { sha256 } = await loadMnist(given(await tinyFolder()));
    expect(sha256).toBe(combinedSha256(TINY_FILES.map((file) => file.sha256)));
    expect(sha256).not.toBe(combinedSha256(TINY_FILES.toReversed().map((file) => file.sha256)));
  });

  it('tells of each file once it is verified', async () => {
    const told: string[] = [];
    await loadMnist({ ...given(await tinyFolder()), onFile: ({ name }) => told.push(name) });
    expect(told).toEqual(TINY_FILES.map((file) => file.name));
  });

  it('comes from MNIST_DIR before the cache', async () => {
    const [folder, cache] = [await tinyFolder(), await tinyFolder()];
    const { source } = await loadMnist({ ...given(folder), env: { MNIST_DIR: folder, MNIST_CACHE: cache } });
    expect(source).toBe(folder);
  });

  it('comes from the cache when MNIST_DIR is empty', async () => {
    const cache = await tinyFolder();
    expect((await loadMnist(cached(cache))).source).toBe(cache);
  });
});

describe('a wrong file in the folder gets an error that names it, what was expected, found, and what to do', () => {
  const images = 'train-images-idx3-ubyte';
  const labels = 'train-labels-idx1-ubyte';
  const otherPixel = imageFile(3);
  otherPixel[500]! ^= 1;
  const gzipped = gzipSync(imageFile(3));
  const cases: readonly (readonly [string, string, Uint8Array | undefined, readonly string[]])[] = [
    [
      'gzip cut short',
      images,
      gzipped.subarray(0, gzipped.length >> 1),
      ['not a whole gzip file', 'expected 2368 bytes', `after ${gzipped.length >> 1} compressed bytes`],
    ],
    [
      'gzip of far more bytes',
      images,
      gzipSync(imageFile(9)),
      ['not a whole gzip file', 'expected 2368 bytes', 'found more'],
    ],
    [
      'wrong magic',
      images,
      labelFile([1, 2, 3, 4, 5, 6, 7, 8]),
      ['magic number', '0x00000803', '0x00000801'],
    ],
    ['wrong count', images, gzipSync(imageFile(2)), ['image count', 'expected 3', 'found 2']],
    [
      'wrong hash',
      images,
      gzipSync(otherPixel),
      [`expected SHA-256 ${TINY_FILES[0].sha256}`, /found [0-9a-f]{64}\./.source],
    ],
    ['label above 9', labels, labelFile([1, 10, 3]), ['labels 0 to 9', 'found 10 at index 1']],
    ['missing file', labels, undefined, ['is missing', 'found neither']],
  ];
  it.each(cases)('%s', async (_, name, bytes, told) => {
    const folder = await tinyFolder({ [`${name}.gz`]: bytes });
    const message = await gateMessage(() => loadMnist(given(folder)));
    expect(message).toContain(join(folder, name));
    for (const part of told) expect(message).toMatch(new RegExp(part));
    expect(message).toContain('unset MNIST_DIR');
  });

  it('folder that does not exist', async () => {
    const folder = join(await temporaryFolder(), 'nowhere');
    expect(await gateMessage(() => loadMnist(given(folder)))).toContain(
      join(folder, 'train-images-idx3-ubyte'),
    );
  });

  it('file of the cache that is damaged: it says to delete it, and stays', async () => {
    const cache = await tinyFolder({ 'train-labels-idx1-ubyte.gz': Buffer.from('junk of some length') });
    const message = await gateMessage(() => loadMnist(cached(cache)));
    expect(message).toContain('Delete this file and run `npm run mnist`');
    expect(await readdir(cache)).toHaveLength(4);
  });
});

describe('looking for MNIST without a download', () => {
  it('finds none when neither MNIST_DIR nor a cache is there', async () => {
    const folder = join(await temporaryFolder(), 'nowhere');
    expect(await findMnist(cached(folder))).toBeUndefined();
  });

  it('finds none when the cache lacks a file', async () => {
    const cache = await tinyFolder({ 't10k-labels-idx1-ubyte.gz': undefined });
    expect(await findMnist(cached(cache))).toBeUndefined();
  });

  it('finds the cache when it is whole', async () => {
    expect((await findMnist(cached(await tinyFolder())))?.train.count).toBe(3);
  });

  it('finds MNIST_DIR', async () => {
    expect((await findMnist(given(await tinyFolder())))?.test.count).toBe(2);
  });

  it('is an error when MNIST_DIR lacks a file', async () => {
    const folder = await tinyFolder({ 't10k-labels-idx1-ubyte.gz': undefined });
    expect(await gateMessage(() => findMnist(given(folder)))).toContain('t10k-labels-idx1-ubyte is missing');
  });
});
