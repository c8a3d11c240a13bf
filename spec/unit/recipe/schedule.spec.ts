import { describe, expect, it } from 'vitest';
import { mix } from '../../../src/random.ts';
import { averagingDecay, dropoutBits, dropoutKey, dropoutThreshold } from '../../../src/engine/draws.ts';
import type { Recipe, Schedule } from '../../../src/recipe/recipe.ts';
import { learningRateAt } from '../../../src/recipe/schedule.ts';

describe('a constant learning rate', () => {
  it.each([0, 0.5, 100])('is the same after %f epochs', (epochs) => {
    expect(learningRateAt({ type: 'constant', learningRate: 0.05 }, epochs)).toBe(0.05);
  });
});

describe('a learning rate in steps', () => {
  const schedule: Schedule = { type: 'step', initial: 0.1, factor: 0.5, every: 3 };

  it.each([
    [0, 0.1],
    [2.999, 0.1],
    [3, 0.05],
    [5.999, 0.05],
    [6, 0.025],
    [14, 0.1 / 16],
  ])('after %f epochs is %f', (epochs, rate) => {
    expect(learningRateAt(schedule, epochs)).toBe(rate);
  });
});

describe('a learning rate in straight lines', () => {
  const schedule: Schedule = {
    type: 'linear',
    points: [
      [1, 0.25],
      [3, 0.75],
      [11, 0.25],
      [12, 0],
    ],
  };

  it.each([
    ['before the first point', 0, 0.25],
    ['at the first point', 1, 0.25],
    ['half-way up', 2, 0.5],
    ['at the top', 3, 0.75],
    ['a quarter down', 5, 0.625],
    ['at a corner', 11, 0.25],
    ['half-way through the last line', 11.5, 0.125],
    ['at the last point', 12, 0],
    ['after the last point', 99, 0],
  ])('%s (%f epochs) is %f', (_, epochs, rate) => {
    expect(learningRateAt(schedule, epochs)).toBe(rate);
  });

  it('of one point is constant', () => {
    const one: Schedule = { type: 'linear', points: [[2, 0.125]] };
    expect([0, 2, 5].map((epochs) => learningRateAt(one, epochs))).toEqual([0.125, 0.125, 0.125]);
  });

  it('may jump: of two points at the same epoch the second one counts from there', () => {
    const jump: Schedule = {
      type: 'linear',
      points: [
        [0, 1],
        [2, 1],
        [2, 0.5],
        [4, 0.5],
      ],
    };
    expect([1.999, 2, 3].map((epochs) => learningRateAt(jump, epochs))).toEqual([1, 0.5, 0.5]);
  });
});

describe('the draws of a step', () => {
  const recipe = (decay?: number) => (decay === undefined ? {} : { weightAveraging: { decay } }) as Recipe;

  it('average with (1 + t) / (10 + t) until that reaches the decay', () => {
    expect([0, 8, 80].map((step) => averagingDecay(recipe(0.99), step))).toEqual([0.1, 0.5, 0.9]);
    expect(averagingDecay(recipe(0.99), 889)).toBeLessThan(0.99);
    expect(averagingDecay(recipe(0.99), 891)).toBe(0.99);
  });

  it('do not average where the recipe does not', () => {
    expect(averagingDecay(recipe(), 1_000)).toBe(0);
  });

  it('drop the share of 2^16 that the rate says', () => {
    expect([0, 0.25, 0.5].map(dropoutThreshold)).toEqual([0, 2 ** 14, 2 ** 15]);
  });

  it('take both halves of what an element of the first four images of a block drew', () => {
    const drawn = mix((8 * 6 + 5) ^ 1234);
    const [size, inImage8, inImage12] = [6, 8 * 6 + 5, 12 * 6 + 5];
    expect(dropoutBits(1234, inImage8, size)).toBe(drawn % 65_536);
    expect(dropoutBits(1234, inImage12, size)).toBe(Math.floor(drawn / 65_536));
  });

  it('have a mask of their own for each seed, layer and step', () => {
    const keys = [dropoutKey(1, 0, 0), dropoutKey(2, 0, 0), dropoutKey(1, 1, 0), dropoutKey(1, 0, 1)];
    expect(new Set(keys).size).toBe(4);
  });
});
