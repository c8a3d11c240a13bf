import { makeDataset } from '../../src/data/check-dataset.ts';
import { slice } from '../../src/data/dataset.ts';
import { madeUpDigits } from '../../src/data/digits.ts';
import { defineIteration } from '../../src/iterations/define.ts';
import { block, convolution } from '../../src/model/blocks.ts';
import type { Network } from '../../src/model/layers.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';

/** A network that learns made-up digits in a second. */

export const NETWORK: Network = {
  input: [28, 28, 1],
  layers: [
    { type: 'convolution', filters: 6, kernel: 5, padding: 'valid' },
    { type: 'batchNorm' },
    { type: 'relu' },
    { type: 'maxPool', size: 2 },
    { type: 'dropout', rate: 0.02 },
    ...block(12),
    { type: 'maxPool', size: 2 },
    convolution(10),
    { type: 'globalAveragePool' },
  ],
};

export const RECIPE: Recipe = {
  epochs: 3,
  batch: 32,
  schedule: {
    type: 'linear',
    points: [
      [0, 0.1],
      [3, 0],
    ],
  },
  momentum: 0.9,
  weightDecay: 0.0001,
};

export const TINY = defineIteration({
  id: '9-tiny',
  name: 'Tiny',
  concept: 'small enough for a test',
  why: 'A test should take a second.',
  network: NETWORK,
  recipe: RECIPE,
});

export const DIGITS = madeUpDigits({ seed: 1, train: 2_000, test: 500 });

/** Few of them, for what trains and measures often. */
export const SHORT_DIGITS = makeDataset({
  ...DIGITS,
  train: slice(DIGITS.train, 0, 240),
  test: slice(DIGITS.test, 0, 200),
});
