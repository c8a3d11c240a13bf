import { describe, expect, it } from 'vitest';
import { epochOrder } from '../../../src/data/batches.ts';

describe('the order of an epoch', () => {
  it('visits every image once', () => {
    expect(epochOrder(1, 1, 1_000).toSorted()).toEqual(Uint32Array.from({ length: 1_000 }, (_, i) => i));
  });

  it('is the same for the same seed and epoch', () => {
    expect(epochOrder(7, 2, 100)).toEqual(epochOrder(7, 2, 100));
  });

  it('differs from epoch to epoch and from seed to seed', () => {
    expect(epochOrder(7, 2, 100)).not.toEqual(epochOrder(7, 3, 100));
    expect(epochOrder(7, 2, 100)).not.toEqual(epochOrder(8, 2, 100));
  });

  it('puts each image first about equally often', () => {
    const firsts = new Uint32Array(10);
    for (let epoch = 0; epoch < 10_000; epoch++) firsts[epochOrder(3, epoch, 10)[0]!]!++;
    // 1,000 expected, standard deviation 30.
    expect(Math.min(...firsts)).toBeGreaterThan(850);
    expect(Math.max(...firsts)).toBeLessThan(1_150);
  });
});
