import { describe, expect, test } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { shareLowerBound, successesNeeded, trialsNeeded } from '../../../src/statistics/share.ts';

/** Probability of at least `successes` of `trials`, term by term. */
function atLeast(successes: number, trials: number, p: number): number {
  let sum = 0;
  for (let k = successes; k <= trials; k++) {
    let term = 1;
    for (let i = 0; i < k; i++) term *= ((trials - i) / (k - i)) * p;
    sum += term * (1 - p) ** (trials - k);
  }
  return sum;
}

describe('the Clopper-Pearson lower bound', () => {
  test.each([
    [20, 20],
    [19, 20],
    [1, 20],
    [7, 10],
    [58, 59],
  ])('of %i of %i is the share from which so many come one time in twenty', (successes, trials) => {
    expect(atLeast(successes, trials, shareLowerBound(successes, trials))).toBeCloseTo(0.05, 7);
  });

  test('of no success is 0', () => {
    expect(shareLowerBound(0, 20)).toBe(0);
  });

  test.each([
    [21, 20],
    [-1, 20],
    [0.5, 20],
  ])('of %d of %d is refused', (successes, trials) => {
    expect(() => shareLowerBound(successes, trials)).toThrow(GateError);
  });
});

describe('how many runs a share needs', () => {
  test('is the number at which all of them are just enough', () => {
    // 0.95^59 = 0.0485, 0.95^58 = 0.0510.
    expect(trialsNeeded(0.95)).toBe(59);
    expect(shareLowerBound(59, 59)).toBeGreaterThanOrEqual(0.95);
    expect(shareLowerBound(58, 58)).toBeLessThan(0.95);
    expect(trialsNeeded(1)).toBe(Infinity);
  });

  test('of twenty is nineteen for three quarters, and out of reach for 95 %', () => {
    expect(successesNeeded(0.75, 20)).toBe(19);
    expect(successesNeeded(0.95, 20)).toBeUndefined();
  });

  test.each([0, -1, 1.01, NaN])('is refused for a share of %d', (share) => {
    expect(() => trialsNeeded(share)).toThrow(GateError);
  });
});
