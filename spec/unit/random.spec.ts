import { describe, expect, it } from 'vitest';
import { keyOf, mix, permutation, randomBits, Stream, uniform } from '../../src/random.ts';

/** `lowbias32` with 32-bit wrap-around written out in BigInt. */
function lowbias32(bits: number): number {
  const mask = 0xffff_ffffn;
  let x = BigInt(bits) & mask;
  x = ((x ^ (x >> 16n)) * 0x7feb352dn) & mask;
  x = ((x ^ (x >> 15n)) * 0x846ca68bn) & mask;
  return Number(x ^ (x >> 16n));
}

/** Sum of squared deviations from `expected` in units of it: chi squared. */
function chiSquared(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function histogram(bins: number, draws: number, draw: (i: number) => number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (let i = 0; i < draws; i++) counts[Math.floor(draw(i) * bins)]!++;
  return counts;
}

describe('mix', () => {
  it.each([0, 1, 2, 255, 0x7fff_ffff, 0x8000_0000, 0xdead_beef, 0xffff_ffff])(
    'is lowbias32 of %i',
    (bits) => {
      expect(mix(bits)).toBe(lowbias32(bits));
    },
  );

  it('gives the same bits for ever: known values', () => {
    expect([mix(0), mix(1), mix(2)]).toEqual([0, 1_753_845_952, 3_507_691_905]);
  });

  it('is a bijection: 100,000 different numbers stay different', () => {
    expect(new Set(Array.from({ length: 100_000 }, (_, i) => mix(i))).size).toBe(100_000);
  });

  it('changes half of the bits, on average, where one bit of its input changes', () => {
    let changed = 0;
    for (let i = 0; i < 3_200; i++) {
      const difference = (mix(i * 7919) ^ mix((i * 7919) ^ (1 << (i % 32)))) >>> 0;
      changed += difference.toString(2).replaceAll('0', '').length;
    }
    expect(changed / 3_200).toBeCloseTo(16, 0);
  });
});

describe('keys', () => {
  it('depend on every part and on the order', () => {
    const keys = [
      keyOf(1, 2, 3),
      keyOf(1, 2, 4),
      keyOf(1, 3, 2),
      keyOf(2, 1, 3),
      keyOf(1, 2),
      keyOf(1, 2, 3, 0),
      keyOf(),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('do not collide for seeds, streams, epochs and images of a run', () => {
    const keys = new Set<number>();
    for (const stream of Object.values(Stream)) {
      for (let epoch = 0; epoch < 20; epoch++) {
        for (let image = 0; image < 50; image++) keys.add(keyOf(1, stream, epoch, image));
      }
    }
    // Of 5,000 draws out of 2^32 hardly any pair is equal by chance.
    expect(keys.size).toBeGreaterThanOrEqual(4_999);
  });

  it('are 32 bits without a sign', () => {
    for (let i = 0; i < 1_000; i++) {
      const key = keyOf(i, Stream.weights);
      expect(Number.isInteger(key) && key >= 0 && key < 2 ** 32).toBe(true);
    }
  });
});

describe('uniform numbers', () => {
  it('are those of a seed, for ever: known values', () => {
    expect([0, 1, 2].map((i) => randomBits(keyOf(1, Stream.weights, 0), i))).toEqual([
      2_776_195_488, 102_656_647, 2_817_011_401,
    ]);
  });

  it('are the bits, as a fraction in [0, 1)', () => {
    expect(uniform(5, 6)).toBe(randomBits(5, 6) / 2 ** 32);
    const drawn = Array.from({ length: 10_000 }, (_, i) => uniform(1, i));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
  });

  it.each([1, 2, 77, keyOf(1, Stream.augment, 0, 0)])('fill 64 bins evenly, key %i', (key) => {
    // Chi squared with 63 degrees of freedom is below 113 in 9,999 of 10,000 cases.
    expect(
      chiSquared(
        histogram(64, 64_000, (i) => uniform(key, i)),
        1_000,
      ),
    ).toBeLessThan(113);
  });

  it('are even across keys, too: the first number of many keys', () => {
    const counts = histogram(64, 64_000, (i) => uniform(keyOf(1, Stream.augment, 3, i), 0));
    expect(chiSquared(counts, 1_000)).toBeLessThan(113);
  });

  it('do not follow one another: pairs fill a square evenly', () => {
    const counts = histogram(64, 64_000, (i) => {
      const [x, y] = [uniform(9, 2 * i), uniform(9, 2 * i + 1)];
      return (Math.floor(8 * x) + y) / 8;
    });
    expect(chiSquared(counts, 1_000)).toBeLessThan(113);
  });

  it.each([
    ['streams', keyOf(1, Stream.dropout, 0), keyOf(1, Stream.augment, 0)],
    ['seeds', keyOf(1, Stream.weights, 0), keyOf(2, Stream.weights, 0)],
    ['epochs', keyOf(1, Stream.shuffle, 0), keyOf(1, Stream.shuffle, 1)],
  ])('of two %s do not go together', (_, one, other) => {
    const n = 20_000;
    let product = 0;
    for (let i = 0; i < n; i++) product += (uniform(one, i) - 0.5) * (uniform(other, i) - 0.5);
    // The correlation of n independent pairs has a standard deviation of 1 / sqrt(n).
    expect(Math.abs((12 * product) / n)).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe('a permutation', () => {
  it.each([0, 1, 2, 10, 1_000])('of %i numbers holds each of them once', (length) => {
    const sorted = permutation(4, length).toSorted();
    expect([...sorted]).toEqual(Array.from({ length }, (_, i) => i));
  });

  it('depends on its key alone', () => {
    expect(permutation(4, 100)).toEqual(permutation(4, 100));
    expect(permutation(4, 100)).not.toEqual(permutation(5, 100));
  });

  it('of three numbers is each of the six orders equally often', () => {
    const counts = new Map<string, number>();
    for (let key = 0; key < 6_000; key++) {
      const order = permutation(keyOf(1, key), 3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Chi squared with 5 degrees of freedom is below 26 in 9,999 of 10,000 cases.
    expect(chiSquared([...counts.values()], 1_000)).toBeLessThan(26);
  });
});
