import { describe, expect, test } from 'vitest';
import { mcNemar } from '../../../src/statistics/mcnemar.ts';

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe("McNemar's exact test", () => {
  test('counts the images that only one side reads right', () => {
    const { lost, won } = mcNemar([1, 2, 3], [3, 4]);
    expect({ lost, won }).toEqual({ lost: 1, won: 2 });
  });

  test('has the probability that is worked out by hand', () => {
    // 1 against 8 of 9 coins: 2 x (1 + 9) / 512.
    expect(mcNemar(range(0, 8), [100]).p).toBeCloseTo(20 / 512, 9);
    // 0 against 5: 2 / 32.
    expect(mcNemar([], range(0, 5)).p).toBeCloseTo(2 / 32, 9);
  });

  test('finds nothing in an even split, nor where both make the same mistakes', () => {
    expect(mcNemar(range(0, 4), range(10, 4)).p).toBe(1);
    expect(mcNemar([5, 6], [6, 5])).toEqual({ lost: 0, won: 0, p: 1 });
  });

  test('does not depend on which side is the base', () => {
    expect(mcNemar(range(0, 3), range(20, 11)).p).toBe(mcNemar(range(20, 11), range(0, 3)).p);
  });
});
