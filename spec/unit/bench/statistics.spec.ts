import { describe, expect, it } from 'vitest';
import { growthExponent, medianOf, pairedRatio, spreadOf } from '../../../scripts/bench/statistics.ts';

describe('medianOf', () => {
  it('takes the middle of an odd number of samples, in whatever order they come', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(medianOf([10, 1, 2, 4])).toBe(3);
  });

  it('refuses an empty series', () => {
    expect(() => medianOf([])).toThrow('median of nothing');
  });
});

it('spreadOf tells the median and the minimum', () => {
  expect(spreadOf([3, 8, 4])).toEqual({ median: 4, minimum: 3 });
});

describe('pairedRatio', () => {
  it('compares within a round, so that a slow spell of the machine cancels out', () => {
    // Round 2 is ten times slower for both; the medians alone would say 20 / 3.
    expect(pairedRatio([10, 20, 200], [2, 3, 40])).toBe(5);
  });

  it('leaves out rounds in which one of the two has no sample', () => {
    expect(pairedRatio([6, undefined, 8], [2, 1, undefined])).toBe(3);
  });
});

describe('growthExponent', () => {
  it('is 1 where the time doubles with the work and 2 where it quadruples', () => {
    expect(growthExponent([8, 16, 32].map((x) => [x, 3 * x]))).toBeCloseTo(1, 12);
    expect(growthExponent([4, 8, 32].map((x) => [x, 0.1 * x * x]))).toBeCloseTo(2, 12);
  });

  it('is 0 where the time stays the same', () => {
    expect(growthExponent([1, 10, 100].map((x) => [x, 7]))).toBeCloseTo(0, 12);
  });
});
