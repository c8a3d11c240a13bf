import { statSync } from 'node:fs';
import path from 'node:path';
import { GateError, messageOf } from '../errors.ts';
import { damaged, MEBIBYTE, readBounded } from '../formats/bounded-file.ts';
import { type NpyArray, parseNpy } from '../formats/npy.ts';
import { unpackNpz } from '../formats/npz.ts';
import { makeDataset } from './check-dataset.ts';
import { type Dataset, type ImageSet, MOST_CLASSES } from './dataset.ts';

export interface NumpyOptions {
  /** For messages and reports. Absent: the name of the file or folder. */
  readonly name?: string;
  /** Absent: one more than the largest label. */
  readonly classes?: number;
  /** What the arrays are called. Absent: as in the files of Keras: x_train, y_train, x_test, y_test. */
  readonly arrays?: Partial<Arrays>;
}

interface Arrays {
  /** Pixels from 0 to 255, [count, height, width] or [count, height, width, channels]. */
  readonly trainImages: string;
  /** Classes from 0 on, [count] or [count, 1]. */
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

const KERAS: Arrays = {
  trainImages: 'x_train',
  trainLabels: 'y_train',
  testImages: 'x_test',
  testLabels: 'y_test',
};
/** Of all arrays: three times as much as CIFAR-10. */
const MOST_BYTES = 512 * MEBIBYTE;

/**
 * A data set of NumPy arrays: a .npz file, or a folder with a .npy file for each array. Pixels stay bytes; how they are normalized is
 * said where they are measured. Throws GateError for what is no such array, of other sizes, or larger than 512 MiB.
 */
export function datasetOfNumpy(source: string, options: NumpyOptions = {}): Dataset {
  const names = { ...KERAS, ...options.arrays };
  const read = isFolder(source) ? fromFolder(source) : fromNpz(source, Object.values(names));
  const train = setOf(read(names.trainImages), read(names.trainLabels));
  const test = setOf(read(names.testImages), read(names.testLabels));
  return makeDataset({
    name: options.name ?? path.basename(source, '.npz'),
    classes: options.classes ?? 1 + Math.max(largest(train.labels), largest(test.labels)),
    train,
    test,
    source,
  });
}

/** An array, and the file that it is of. */
interface Held {
  readonly file: string;
  readonly array: NpyArray;
}

function fromFolder(folder: string): (name: string) => Held {
  return (name) => {
    const file = path.join(folder, `${name}.npy`);
    return {
      file,
      array: parseNpy(readBounded(file, { what: 'a NumPy array', mostBytes: MOST_BYTES }), file),
    };
  };
}

function fromNpz(source: string, names: readonly string[]): (name: string) => Held {
  const bytes = readBounded(source, { what: 'a file of NumPy arrays', mostBytes: MOST_BYTES });
  const unpacked = unpackNpz(bytes, source, names, MOST_BYTES);
  return (name) => {
    const file = `${source}, ${name}`;
    return { file, array: parseNpy(unpacked.get(name)!, file) };
  };
}

function isFolder(source: string): boolean {
  try {
    return statSync(source).isDirectory();
  } catch (error) {
    throw new GateError(
      `${source} cannot be read: expected a .npz file or a folder of .npy files, found ${messageOf(error)}. Correct the path.`,
    );
  }
}

function setOf(images: Held, labels: Held): ImageSet {
  const { dims, type, values } = images.array;
  const [count, height, width, channels = 1] = dims;
  if (type !== 'u1' || dims.length < 3 || dims.length > 4) {
    throw damaged(
      images.file,
      'an array of images',
      'np.uint8 of the shape (count, height, width) or (count, height, width, channels)',
      `${type} of (${dims.join(', ')})`,
      'Channels that come first are moved by np.moveaxis(images, 1, -1).',
    );
  }
  return {
    count: count!,
    height: height!,
    width: width!,
    ...(channels !== 1 && { channels }),
    pixels: values as Uint8Array,
    labels: labelsOf(labels),
  };
}

function labelsOf({ file, array: { dims, values } }: Held): Uint16Array {
  const isList = dims.length === 1 || (dims.length === 2 && dims[1] === 1);
  const labels = Uint16Array.from(values as ArrayLike<number | bigint>, Number);
  const odd = labels.findIndex((label, i) => label !== Number(values[i]));
  if (isList && odd < 0) return labels;
  throw damaged(
    file,
    'an array of labels',
    `one class an image, 0 to ${MOST_CLASSES - 1}, of the shape (count,)`,
    isList ? `${values[odd]} at index ${odd}` : `(${dims.join(', ')})`,
    'A one-hot array becomes one by labels.argmax(1).',
  );
}

function largest(labels: ImageSet['labels']): number {
  let most = 0;
  for (const label of labels) most = Math.max(most, label);
  return most;
}
