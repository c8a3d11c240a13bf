import { describe, expect, it } from 'vitest';
import { mix } from '../../../src/random.ts';
import { averagingDecay, dropoutBits, dropoutKey, dropoutThreshold } from '../../../src/engine/draws.ts';
import type { Recipe, Schedule } from '../../../src/recipe/recipe.ts';
import { learningRate, learningRateAt } from '../../../src/recipe/schedule.ts';

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

describe('a learning rate that falls at given epochs', () => {
  const schedule: Schedule = { type: 'multiStep', initial: 0.8, factor: 0.5, at: [2, 5.5] };

  it.each([
    [0, 0.8],
    [1.999, 0.8],
    [2, 0.4],
    [5.499, 0.4],
    [5.5, 0.2],
    [99, 0.2],
  ])('after %f epochs is %f', (epochs, rate) => {
    expect(learningRateAt(schedule, epochs)).toBe(rate);
  });
});

describe('a learning rate that falls every epoch', () => {
  it.each([
    [0, 1],
    [0.9, 1],
    [1, 0.5],
    [3.5, 0.125],
  ])('after %f epochs is %f', (epochs, rate) => {
    expect(learningRateAt({ type: 'exponential', initial: 1, factor: 0.5 }, epochs)).toBe(rate);
  });
});

describe('a learning rate along half a cosine', () => {
  it.each([
    [0, 1],
    [1, 0.1 + 0.45 * (1 + Math.SQRT1_2)],
    [2, 0.55],
    [4, 0.1],
    [9, 0.1],
  ])('after %f epochs of 4 is %f', (epochs, rate) => {
    expect(learningRateAt({ type: 'cosine', initial: 1, final: 0.1, epochs: 4 }, epochs)).toBeCloseTo(
      rate,
      12,
    );
  });

  it('ends at 0 where no end is given', () => {
    expect(learningRateAt({ type: 'cosine', initial: 1, epochs: 2 }, 2)).toBe(0);
  });
});

describe('a learning rate of one cycle', () => {
  it.each([
    [0, 0.04],
    [1.5, 0.52],
    [3, 1],
    [6.5, (1 + 4e-6) / 2],
    [10, 4e-6],
  ])('after %f epochs of 10 is %f by the defaults', (epochs, rate) => {
    expect(learningRateAt({ type: 'oneCycle', peak: 1, epochs: 10 }, epochs)).toBeCloseTo(rate, 12);
  });

  it('has the rise and the ends that it is given', () => {
    const schedule: Schedule = {
      type: 'oneCycle',
      peak: 1,
      epochs: 4,
      rise: 0.5,
      initialDivisor: 10,
      finalDivisor: 100,
    };
    const rates = [0, 2, 4].map((epochs) => learningRateAt(schedule, epochs));
    [0.1, 1, 0.001].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 12));
  });
});

describe('a learning rate that falls on a plateau', () => {
  const schedule: Schedule = {
    type: 'plateau',
    initial: 1,
    factor: 0.5,
    patience: 1,
    threshold: 0.1,
    minimum: 0.2,
  };
  const after = (...losses: number[]) => learningRateAt(schedule, losses.length, losses);

  it('stays while the validation loss falls by more than the threshold', () => {
    expect(after()).toBe(1);
    expect(after(8, 4, 2, 1)).toBe(1);
  });

  it('falls after more epochs without that than it has patience, and then waits anew', () => {
    expect(after(1, 0.95)).toBe(1);
    expect(after(1, 0.95, 0.92)).toBe(0.5);
    expect(after(1, 1, 1, 1)).toBe(0.5);
    expect(after(1, 1, 1, 1, 1)).toBe(0.25);
  });

  it('forgets the wait when the loss falls again, compares with the best, and takes NaN for no fall', () => {
    expect(after(1, 1, 0.5, 1, 0.4, 0.4)).toBe(1);
    expect(after(1, NaN, NaN)).toBe(0.5);
  });

  it('does not go below its minimum', () => {
    expect(after(...Array.from({ length: 20 }, () => 1))).toBe(0.2);
  });
});

describe('a warm-up', () => {
  const pace = {
    schedule: { type: 'constant', learningRate: 0.5 } as const,
    warmUp: { epochs: 2, from: 0.25 },
  };

  it.each([
    [0, 0.125],
    [1, 0.3125],
    [2, 0.5],
    [3, 0.5],
  ])('after %f epochs is at %f', (epochs, rate) => {
    expect(learningRate(pace, epochs, [])).toBe(rate);
  });

  it('takes its share of whatever the schedule says', () => {
    const schedule: Schedule = { type: 'plateau', initial: 1, factor: 0.5, patience: 0 };
    expect(learningRate({ ...pace, schedule }, 1, [1, 1])).toBe(0.5 * 0.625);
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
