import { describe, expect, it } from 'vitest';
import { madeUpDigits } from '../../../src/data/digits.ts';
import type { ImageSet } from '../../../src/data/dataset.ts';

const SIZE = 28 * 28;

describe('made-up digits', () => {
  const digits = madeUpDigits({ seed: 1, train: 2_000, test: 500 });

  it('have the shape of MNIST', () => {
    const { train, test, classes } = digits;
    expect([train.count, train.height, train.width, classes]).toEqual([2_000, 28, 28, 10]);
    expect([test.pixels.length, test.labels.length]).toEqual([500 * SIZE, 500]);
  });

  it('have about as much ink as MNIST, whose mean is 0.13 and standard deviation 0.31', () => {
    const { pixels } = digits.train;
    let [sum, squares] = [0, 0];
    for (const pixel of pixels) {
      sum += pixel / 255;
      squares += (pixel / 255) ** 2;
    }
    const mean = sum / pixels.length;
    const square = squares / pixels.length;
    expect(mean).toBeCloseTo(0.13, 1);
    expect(Math.sqrt(square - mean * mean)).toBeCloseTo(0.31, 1);
  });

  it('show every digit about equally often', () => {
    const counts = new Uint32Array(10);
    for (const label of digits.train.labels) counts[label]!++;
    // 200 expected, standard deviation 13.
    expect(Math.min(...counts)).toBeGreaterThan(145);
    expect(Math.max(...counts)).toBeLessThan(255);
  });

  it('keep clear of the border but for the tips of the largest', () => {
    const { count, pixels } = digits.train;
    let inked = 0;
    for (let i = 0; i < count * SIZE; i++) {
      const [x, y] = [i % 28, Math.floor(i / 28) % 28];
      if (pixels[i]! > 0 && (x === 0 || x === 27 || y === 0 || y === 27)) inked++;
    }
    expect(inked / (count * 108)).toBeLessThan(0.005);
  });

  it('can be told apart by the most like training image, but not by all pixels of a mean image', () => {
    expect(nearestNeighbour(digits.train, digits.test)).toBeGreaterThan(0.9);
    expect(nearestMean(digits.train, digits.test)).toBeLessThan(0.9);
  });

  it('are the same bytes on every machine', () => {
    // Checked on Node.js 20 and 24; it changes only when the digits are meant to look different.
    expect(digits.sha256).toBe('59960528704bb991118ede9bf577fc2feb06722142c7741e6504fa1f2d8f6f8e');
  });

  it('depend on the seed alone', () => {
    const again = madeUpDigits({ seed: 1, train: 2_000, test: 500 });
    expect(again.sha256).toBe(digits.sha256);
    expect([...again.test.labels]).toEqual([...digits.test.labels]);
    expect(madeUpDigits({ seed: 2, train: 2_000, test: 500 }).sha256).not.toBe(digits.sha256);
  });

  it('do not depend on how many are drawn', () => {
    const fewer = madeUpDigits({ seed: 1, train: 20, test: 10 });
    expect([...fewer.train.pixels]).toEqual([...digits.train.pixels.subarray(0, 20 * SIZE)]);
    expect([...fewer.test.labels]).toEqual([...digits.test.labels.subarray(0, 10)]);
  });

  it('differ between training and test', () => {
    expect([...digits.train.pixels.subarray(0, SIZE)]).not.toEqual([...digits.test.pixels.subarray(0, SIZE)]);
  });
});

function accuracy(test: ImageSet, classify: (pixels: Uint8Array) => number): number {
  let correct = 0;
  for (let i = 0; i < test.count; i++) {
    if (classify(test.pixels.subarray(i * SIZE, (i + 1) * SIZE)) === test.labels[i]) correct++;
  }
  return correct / test.count;
}

function nearestNeighbour(train: ImageSet, test: ImageSet): number {
  return accuracy(test, (pixels) => train.labels[nearest(train.pixels, train.count, pixels)]!);
}

function nearestMean(train: ImageSet, test: ImageSet): number {
  const means = new Float64Array(10 * SIZE);
  const counts = new Uint32Array(10);
  for (const label of train.labels) counts[label]!++;
  train.pixels.forEach((pixel, i) => {
    const label = train.labels[Math.floor(i / SIZE)]!;
    means[label * SIZE + (i % SIZE)]! += pixel / counts[label]!;
  });
  return accuracy(test, (pixels) => nearest(means, 10, pixels));
}

const PLACES = Array.from({ length: SIZE }, (_, place) => place);

/** Which of `count` images has the least squared distance to `pixels`. */
function nearest(images: Uint8Array | Float64Array, count: number, pixels: Uint8Array): number {
  // Where there is ink, images differ most: another digit is soon too far away.
  const brightestFirst = PLACES.toSorted((a, b) => pixels[b]! - pixels[a]!);
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < count; i++) {
    let distance = 0;
    for (let p = 0; p < SIZE && distance < least; p++) {
      const place = brightestFirst[p]!;
      const difference = images[i * SIZE + place]! - pixels[place]!;
      distance += difference * difference;
    }
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return best;
}
