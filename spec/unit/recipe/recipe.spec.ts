import { describe, expect, it } from 'vitest';
import { iterations } from '../../../src/iterations/index.ts';
import { biasCorrection, decayOf, updateRule } from '../../../src/recipe/optimizer.ts';
import { checkRecipe } from '../../../src/recipe/recipe.ts';

const RECIPE = { epochs: 3, batch: 32, schedule: { type: 'constant', learningRate: 0.1 } };

describe('a recipe', () => {
  it.each(iterations)('of iteration $id is one as it stands', ({ recipe }) => {
    expect(checkRecipe(recipe)).toEqual(recipe);
  });

  it('may use every setting there is', () => {
    const recipe = {
      ...RECIPE,
      schedule: { type: 'plateau', initial: 0.1, factor: 0.5, patience: 2, threshold: 0.01, minimum: 1e-4 },
      warmUp: { epochs: 1, from: 0.1 },
      optimizer: { type: 'adamW', beta1: 0.9, beta2: 0.99, epsilon: 1e-6 },
      weightDecay: { rate: 0.05, norms: false, biases: false },
      gradientClipping: { norm: 1 },
      labelSmoothing: 0.1,
      augmentation: {
        rotation: 5,
        scale: 0.1,
        shift: 1,
        shear: 5,
        horizontalFlip: true,
        crop: 4,
        brightness: 0.2,
        contrast: 0.2,
        cutout: 8,
      },
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
      weightAveraging: { decay: 0.999 },
      validation: { images: 100 },
    };
    expect(checkRecipe(recipe)).toEqual(recipe);
  });

  it.each([
    ['a misspelt setting', { momentm: 0.9 }, 'The recipe cannot be used: there is no setting "momentm".'],
    ['epochs of one and a half', { epochs: 1.5 }, 'epochs: expected int, found 1.5'],
    ['no images a step', { batch: 0 }, 'batch: expected number to be >0, found 0'],
    [
      'an unknown schedule',
      { schedule: { type: 'polynomial' } },
      'schedule.type: expected one of "constant", "step", "multiStep", "linear", "cosine", "oneCycle", "exponential", "plateau", found "polynomial"',
    ],
    [
      'a schedule that lacks a setting',
      { schedule: { type: 'step', initial: 0.1, factor: 0.1 } },
      'schedule.every: expected number, found nothing',
    ],
    [
      'a learning rate of NaN',
      { schedule: { type: 'constant', learningRate: NaN } },
      'schedule.learningRate: expected number, found NaN',
    ],
    [
      'points out of order',
      {
        schedule: {
          type: 'linear',
          points: [
            [2, 1],
            [1, 1],
          ],
        },
      },
      'schedule.points: expected points in rising order of epochs, found [[2,1],[1,1]]',
    ],
    [
      'momentum twice',
      { optimizer: { type: 'sgd' }, momentum: 0.9 },
      'momentum: expected either the optimizer or short for SGD the momentum, found 0.9',
    ],
    [
      'momentum for Adam',
      { optimizer: { type: 'adam', momentum: 0.9 } },
      'optimizer: there is no setting "momentum"',
    ],
    [
      'decay in words',
      { weightDecay: 'some' },
      'weightDecay: expected a number from 0 or { rate, norms, biases }, found "some"',
    ],
    [
      'two ways to clip',
      { gradientClipping: { norm: 1, value: 1 } },
      'gradientClipping: expected { norm } or { value } above 0, found {"norm":1,"value":1}',
    ],
    [
      'a plateau of nothing',
      { schedule: { type: 'plateau', initial: 0.1, factor: 0.1, patience: 1 } },
      "validation: expected validation images for the schedule 'plateau', such as { images: 5000 }, found nothing",
    ],
    [
      'means without deviations',
      { normalization: { mean: [0.5], std: [0.5, 1] } },
      'normalization: expected as many values of mean as of std',
    ],
    ['a scale of 1', { augmentation: { scale: 1 } }, 'augmentation.scale: expected number to be <1, found 1'],
  ])('with %s is refused, with the place and what was found', (_, change, message) => {
    expect(() => checkRecipe({ ...RECIPE, ...change })).toThrow(message);
  });

  it('that is none at all is refused', () => {
    expect(() => checkRecipe(null, 'The recipe of 1-a')).toThrow(
      'The recipe of 1-a cannot be used: expected object, found null.',
    );
  });
});

describe('what a recipe says of the update', () => {
  it('is SGD with its momentum where it names no optimizer', () => {
    expect(updateRule({ momentum: 0.9 })).toEqual({
      type: 'sgd',
      momentum: 0.9,
      nesterov: false,
      clipNorm: Infinity,
      clipValue: Infinity,
    });
  });

  it('has the defaults of its optimizer and one limit', () => {
    expect(updateRule({ optimizer: { type: 'adam' }, gradientClipping: { value: 2 } })).toEqual({
      type: 'adam',
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      clipNorm: Infinity,
      clipValue: 2,
    });
  });

  it('decays all weights alike, or not norms and biases', () => {
    const names = ['kernel', 'depthwise_kernel', 'gamma', 'beta', 'bias'];
    const decays = (weightDecay: Parameters<typeof decayOf>[0]['weightDecay']) =>
      names.map((name) => decayOf({ ...(weightDecay !== undefined && { weightDecay }) }, name));
    expect(decays(undefined)).toEqual([0, 0, 0, 0, 0]);
    expect(decays(0.5)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(decays({ rate: 0.5, norms: false, biases: true })).toEqual([0.5, 0.5, 0, 0, 0.5]);
    expect(decays({ rate: 0.5, norms: true, biases: false })).toEqual([0.5, 0.5, 0.5, 0.5, 0]);
  });

  it('corrects moving means by 1 - beta^steps', () => {
    expect(biasCorrection(0.5, 0)).toBe(0.5);
    expect(biasCorrection(0.5, 2)).toBe(1 - 0.125);
    expect(biasCorrection(0.999, 99)).toBeCloseTo(1 - 0.999 ** 100, 14);
    expect(biasCorrection(0.9, 1e6)).toBe(1);
  });
});
