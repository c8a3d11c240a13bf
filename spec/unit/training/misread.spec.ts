import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { selectBackend } from '../../../src/backend/select.ts';
import type { ImageSet } from '../../../src/data/dataset.ts';
import { MISREAD_MOST, misreadBy } from '../../../src/training/misread.ts';
import { demandNoTensorsLeft } from '../../support/tensors.ts';

beforeAll(() => selectBackend({ force: 'wasm' }));
demandNoTensorsLeft();

/** Images of one pixel; the logits of the two classes are [0, pixel / 255]. */
function brightness() {
  const model = layers.sequential({
    layers: [
      layers.layers.flatten({ inputShape: [1, 1, 1] }),
      layers.layers.dense({ units: 2, useBias: false }),
    ],
  });
  const weights = tf.tensor2d([0, 1], [1, 2]);
  model.layers[1]!.setWeights([weights]);
  weights.dispose();
  return model;
}

const setOf = (pixels: readonly number[], labels: readonly number[]): ImageSet => ({
  count: pixels.length,
  height: 1,
  width: 1,
  pixels: Uint8Array.from(pixels),
  labels: Uint8Array.from(labels),
});
const statistics = { mean: [0], std: [1] };

function misread(images: ImageSet, output: 'logits' | 'probabilities' | 'log-probabilities' = 'logits') {
  const model = brightness();
  const predictions = Array.from(images.pixels, (pixel) => (pixel > 0 ? 1 : 0));
  const found = misreadBy(model, { images, predictions, statistics, output });
  model.dispose();
  return found;
}

describe('the images that a model misreads', () => {
  test('are those whose label is another, the surest first, with the softmax of the answer', () => {
    const found = misread(setOf([51, 255, 102, 204], [0, 1, 0, 0]));
    expect(found.map(({ index, truth, answer }) => [index, truth, answer])).toEqual([
      [3, 0, 1],
      [2, 0, 1],
      [0, 0, 1],
    ]);
    const expected = [0.8, 0.4, 0.2].map((logit) => 1 / (1 + Math.exp(-logit)));
    for (const [i, { confidence }] of found.entries()) expect(confidence).toBeCloseTo(expected[i]!, 5);
  });

  test('come with the picture as it was', () => {
    const [found] = misread(setOf([204], [0]));
    const { width, height, channels, data } = decode(Buffer.from(found!.image.png, 'base64'));
    expect([width, height, channels, ...data]).toEqual([1, 1, 1, 204]);
  });

  test('are at most as many as a page has room for', () => {
    const pixels = Array.from({ length: 2 * MISREAD_MOST }, (_, i) => i + 1);
    const found = misread(
      setOf(
        pixels,
        pixels.map(() => 0),
      ),
    );
    expect(found.map(({ index }) => index)).toEqual(
      pixels
        .map((pixel) => pixel - 1)
        .toReversed()
        .slice(0, MISREAD_MOST),
    );
  });

  test('are none where all are right', () => {
    expect(misread(setOf([0, 255], [0, 1]))).toEqual([]);
  });

  test('take probabilities for what they are', () => {
    const [found] = misread(setOf([204], [0]), 'probabilities');
    expect(found!.confidence).toBeCloseTo(0.8, 5);
  });
});
