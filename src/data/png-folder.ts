import { type Dirent, readdirSync } from 'node:fs';
import path from 'node:path';
import { GateError, messageOf } from '../errors.ts';
import { MEBIBYTE, readBounded } from '../formats/bounded-file.ts';
import { parsePng, PNG_MOST_BYTES } from '../formats/png.ts';
import { makeDataset } from './check-dataset.ts';
import type { Dataset, ImageSet } from './dataset.ts';

export interface PngFolderOptions {
  /** For messages and reports. Absent: the folder's name. */
  readonly name?: string;
}

/** Pixels of all images of a set. */
const MOST_BYTES = 512 * MEBIBYTE;

/**
 * A data set of PNG images: folder/train/CLASS/*.png and folder/test/CLASS/*.png. Classes are numbered in the order of their names,
 * as torchvision's ImageFolder numbers them; images come in the order of theirs. Throws GateError where images are of several
 * sizes, a class is missing, something else lies there, or a set is larger than 512 MiB.
 */
export function datasetOfPngs(
  folder: string,
  { name = path.basename(folder) }: PngFolderOptions = {},
): Dataset {
  const classes = classesOf(path.join(folder, 'train'));
  const tested = classesOf(path.join(folder, 'test'));
  if (classes.join('/') !== tested.join('/')) {
    throw new GateError(
      `${folder} has other classes in test than in train: expected ${classes.join(', ')}, found ${tested.join(', ')}. Give both the same folders.`,
    );
  }
  const [train, test] = ['train', 'test'].map((set) => setOf(path.join(folder, set), classes));
  return makeDataset({ name, classes: classes.length, train: train!, test: test!, source: folder });
}

function classesOf(folder: string): string[] {
  return entriesOf(folder, 'folders, one a class', (entry) => entry.isDirectory());
}

function setOf(folder: string, classes: readonly string[]): ImageSet {
  const files = classes.flatMap((name, label) =>
    imagesOf(path.join(folder, name)).map((file) => ({ file: path.join(folder, name, file), label })),
  );
  const [first] = files;
  if (first === undefined) {
    throw new GateError(`${folder} has no images: expected CLASS/*.png, found none. Correct the path.`);
  }
  const {
    height,
    width,
    channels,
    pixels: { length: size },
  } = read(first.file);
  if (size * files.length > MOST_BYTES) {
    throw new GateError(
      `${folder} is too large: expected images of at most ${MOST_BYTES / MEBIBYTE} MiB in all, found ${files.length} of ${height}x${width}x${channels}. Scale them down, or take fewer.`,
    );
  }
  const pixels = new Uint8Array(size * files.length);
  files.forEach(({ file }, i) => {
    const image = read(file);
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw new GateError(
        `${file} has another size: expected ${height}x${width}x${channels} as ${first.file}, found ${image.height}x${image.width}x${image.channels}. Give all images one size and one kind.`,
      );
    }
    pixels.set(image.pixels, i * size);
  });
  const labels = Uint16Array.from(files, ({ label }) => label);
  return { count: files.length, height, width, ...(channels !== 1 && { channels }), pixels, labels };
}

function imagesOf(folder: string): string[] {
  return entriesOf(folder, 'PNG images', (entry) => entry.isFile() && /\.png$/i.test(entry.name));
}

function read(file: string) {
  return parsePng(readBounded(file, { what: 'a PNG image', mostBytes: PNG_MOST_BYTES }), file);
}

/** Names in order; hidden files are skipped, of which some systems leave one in every folder. */
function entriesOf(folder: string, what: string, isOne: (entry: Dirent) => boolean): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new GateError(
      `${folder} cannot be read: expected a folder with ${what}, found ${messageOf(error)}. Images lie in train/CLASS and test/CLASS.`,
    );
  }
  const seen = entries.filter(({ name }) => !name.startsWith('.'));
  const odd = seen.find((entry) => !isOne(entry));
  if (odd !== undefined) {
    throw new GateError(`${folder} holds "${odd.name}": expected ${what}. Move it elsewhere.`);
  }
  return seen.map(({ name }) => name).toSorted();
}
