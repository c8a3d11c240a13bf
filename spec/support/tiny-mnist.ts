import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { MnistFile, MnistFiles } from '../../src/data/mnist-files.ts';
import { sha256Of } from '../../src/data/sha256.ts';
import type { GateError } from '../../src/errors.ts';

/** An IDX image file of `count` images whose pixel p of image i is (i + p) % 256. */
export function imageFile(count: number): Buffer {
  const bytes = Buffer.alloc(16 + count * 784);
  [0x0803, count, 28, 28].forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  for (let p = 16; p < bytes.length; p++) bytes[p] = (Math.floor((p - 16) / 784) + ((p - 16) % 784)) % 256;
  return bytes;
}

/** An IDX label file. */
export function labelFile(labels: readonly number[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(0x0801, 0);
  header.writeUInt32BE(labels.length, 4);
  return Buffer.concat([header, Uint8Array.from(labels)]);
}

export const TRAIN_LABELS = [7, 0, 9];
export const TEST_LABELS = [1, 4];

/** The uncompressed bytes of a whole MNIST of three training and two test images. */
export const TINY_BYTES: Readonly<Record<string, Buffer>> = {
  'train-images-idx3-ubyte': imageFile(3),
  'train-labels-idx1-ubyte': labelFile(TRAIN_LABELS),
  't10k-images-idx3-ubyte': imageFile(2),
  't10k-labels-idx1-ubyte': labelFile(TEST_LABELS),
};

const tiny = (name: string, type: MnistFile['type'], count: number): MnistFile => ({
  name,
  type,
  count,
  sha256: sha256Of(TINY_BYTES[name]!),
});

export const TINY_FILES: MnistFiles = [
  tiny('train-images-idx3-ubyte', 'images', 3),
  tiny('train-labels-idx1-ubyte', 'labels', 3),
  tiny('t10k-images-idx3-ubyte', 'images', 2),
  tiny('t10k-labels-idx1-ubyte', 'labels', 2),
];

/** An empty folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mnist-spec-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A folder of the tiny MNIST, gzipped; `changes` replaces files by other bytes under the same or other names, or removes them. */
export async function tinyFolder(
  changes: Readonly<Record<string, Uint8Array | undefined>> = {},
): Promise<string> {
  const folder = await temporaryFolder();
  const gzipped = Object.entries(TINY_BYTES).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)] as const);
  const stored = { ...Object.fromEntries(gzipped), ...changes };
  for (const [name, bytes] of Object.entries(stored)) {
    if (bytes !== undefined) await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** The message of the GateError that `action` must end in. */
export async function gateMessage(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if ((error as GateError).name === 'GateError') return (error as GateError).message;
    throw error;
  }
  throw new Error('expected a GateError, but nothing was thrown');
}
