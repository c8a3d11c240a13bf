import { describe, expect, test } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { meanInterval, pairedDifference, spreadOf } from '../../../src/statistics/spread.ts';

describe('the spread of some figures', () => {
  test('has the mean, standard deviation and ends that are worked out by hand', () => {
    // Deviations from 5: -3 -1 -1 -1 0 0 2 4; squares sum to 32; 32 / 7.
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      n: 8,
      mean: 5,
      sd: Math.sqrt(32 / 7),
      lowest: 2,
      highest: 9,
    });
  });

  test('of a single figure has no standard deviation and no interval', () => {
    expect(spreadOf([99.5])).toEqual({ n: 1, mean: 99.5, sd: undefined, lowest: 99.5, highest: 99.5 });
    expect(meanInterval([99.5])).toBeUndefined();
  });

  test.each([[[]], [[1, NaN]], [[Infinity]]])('of %j is refused', (values) => {
    expect(() => spreadOf(values)).toThrow(GateError);
  });
});

describe('the t interval of a mean', () => {
  test.each([
    // Quantiles of Student's t, 0.975, from the printed tables.
    [2, 12.7062],
    [10, 2.2622],
    [20, 2.093],
  ])('of %i figures is as wide as the table says', (n, t) => {
    const values = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1 : 1));
    const { low, high } = meanInterval(values)!;
    expect((high - low) / 2 / (Math.sqrt(n / (n - 1)) / Math.sqrt(n))).toBeCloseTo(t, 4);
    expect((low + high) / 2).toBeCloseTo(0, 12);
  });
});

describe('a paired difference', () => {
  const base = new Map([
    [1, 99.4],
    [2, 99.5],
    [3, 99.3],
  ]);

  test('takes away what both share', () => {
    const head = new Map([...base].map(([seed, value]) => [seed, value + 0.1]));
    const found = pairedDifference(base, head)!;
    expect(found.pairs).toBe(3);
    expect(found.mean).toBeCloseTo(0.1, 12);
    expect(found.interval!.high - found.interval!.low).toBeLessThan(1e-9);
  });

  test('counts only the seeds of both sides', () => {
    const head = new Map([
      [3, 99.1],
      [4, 100],
    ]);
    expect(pairedDifference(base, head)).toEqual({
      pairs: 1,
      mean: expect.closeTo(-0.2, 9) as number,
      interval: undefined,
    });
    expect(pairedDifference(base, new Map([[9, 1]]))).toBeUndefined();
  });
});
