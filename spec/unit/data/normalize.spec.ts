import { describe, expect, it } from 'vitest';
import { normalization } from '../../../src/data/normalize.ts';

describe('the normalization table', () => {
  it('maps black and white as the mean and standard deviation of MNIST say', () => {
    const table = normalization();
    expect(table).toHaveLength(256);
    expect(table[0]).toBeCloseTo(-0.4242, 4);
    expect(table[255]).toBeCloseTo(2.8215, 4);
  });

  it('takes other statistics', () => {
    expect([...normalization({ mean: 0, std: 1 })]).toEqual(
      Array.from({ length: 256 }, (_, value) => Math.fround(value / 255)),
    );
  });
});
