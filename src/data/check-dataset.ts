import { GateError } from '../errors.ts';
import { type Dataset, imageSize, type ImageSet, MOST_CLASSES } from './dataset.ts';
import { hashOf } from './hash.ts';

/** A dataset out of arrays: checked, and with the hash of its own bytes. Throws GateError as `checkDataset`. */
export function makeDataset(
  parts: Pick<Dataset, 'name' | 'classes' | 'train' | 'test'> & { readonly source?: string },
): Dataset {
  checkImages(parts);
  return { source: 'memory', ...parts, sha256: hashOf(parts) };
}

/**
 * Throws GateError where images and labels are not what they say they are: their number, their sizes, labels that are no
 * class, or a hash of other bytes.
 */
export function checkDataset(data: Dataset): void {
  checkImages(data);
  const found = hashOf(data);
  if (found !== data.sha256) {
    throw wrong(
      data.name,
      `its SHA-256 ${data.sha256}`,
      `${found} of its images and labels`,
      'Make it with makeDataset, which computes the hash',
    );
  }
}

function checkImages({
  name,
  classes,
  train,
  test,
}: Pick<Dataset, 'name' | 'classes' | 'train' | 'test'>): void {
  if (!Number.isInteger(classes) || classes < 2 || classes > MOST_CLASSES) {
    throw wrong(name, `2 to ${MOST_CLASSES} classes`, classes, 'Say how many classes there are');
  }
  checkSet(name, 'training', train, classes);
  checkSet(name, 'test', test, classes);
  if (shapeOf(train) !== shapeOf(test)) {
    throw wrong(
      name,
      `test images of ${shapeOf(train)}, like the training images`,
      shapeOf(test),
      'Give both sets one size',
    );
  }
}

function checkSet(name: string, which: string, set: ImageSet, classes: number): void {
  const { count, pixels, labels, height, width, channels = 1 } = set;
  if (![count, height, width, channels].every((size) => Number.isInteger(size) && size > 0)) {
    throw wrong(
      name,
      `at least one ${which} image of at least one pixel`,
      `${count} of ${shapeOf(set)}`,
      'Give it images',
    );
  }
  if (pixels.length !== count * imageSize(set)) {
    throw wrong(
      name,
      `${count} x ${shapeOf(set)} = ${count * imageSize(set)} bytes of ${which} images`,
      `${pixels.length}`,
      'Give every image all its bytes',
    );
  }
  if (labels.length !== count) {
    throw wrong(name, `${count} ${which} labels`, labels.length, 'Give every image one label');
  }
  const stray = labels.findIndex((label) => label >= classes);
  if (stray >= 0) {
    throw wrong(
      name,
      `${which} labels 0 to ${classes - 1}`,
      `${labels[stray]} at index ${stray}`,
      'Correct the label or the number of classes',
    );
  }
}

function shapeOf({ height, width, channels = 1 }: ImageSet): string {
  return `${height}x${width}x${channels}`;
}

function wrong(name: string, expected: string, found: unknown, remedy: string): GateError {
  return new GateError(`The data "${name}" cannot be used: expected ${expected}, found ${found}. ${remedy}.`);
}
