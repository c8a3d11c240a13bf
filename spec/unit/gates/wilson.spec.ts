import { describe, expect, test } from 'vitest';
import { wilson } from '../../../src/gates/wilson.ts';

describe('the Wilson 95 % interval', () => {
  test('has the published bounds for 81 of 263', () => {
    // Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3: 0.2553 to 0.3662.
    const { low, high } = wilson(81, 263);
    expect(low).toBeCloseTo(25.53, 2);
    expect(high).toBeCloseTo(36.62, 2);
  });

  test('stays within 0 and 100 % at the ends', () => {
    expect(wilson(0, 20)).toMatchObject({ low: 0 });
    expect(wilson(0, 20).high).toBeCloseTo(16.11, 2);
    expect(wilson(20, 20)).toMatchObject({ high: 100 });
  });

  test('solves the equation that defines it', () => {
    const [correct, total, z] = [9_941, 10_000, 1.959963984540054];
    for (const bound of [wilson(correct, total).low, wilson(correct, total).high]) {
      const p = bound / 100;
      expect(Math.abs(correct / total - p) / Math.sqrt((p * (1 - p)) / total)).toBeCloseTo(z, 6);
    }
  });
});
