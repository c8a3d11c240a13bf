import { describe, expect, it } from 'vitest';
import { MNIST_PIXELS, normalization, pixelStatistics, statisticsOf } from '../../../src/data/normalize.ts';

describe('the normalization table', () => {
  it('maps black and white as the mean and standard deviation of MNIST say', () => {
    const table = normalization();
    expect(table).toHaveLength(256);
    expect(table[0]).toBeCloseTo(-0.4242, 4);
    expect(table[255]).toBeCloseTo(2.8215, 4);
  });

  it('takes other statistics', () => {
    expect([...normalization({ mean: [0], std: [1] })]).toEqual(
      Array.from({ length: 256 }, (_, value) => Math.fround(value / 255)),
    );
  });
});

describe('the statistics of images', () => {
  const set = {
    count: 2,
    height: 1,
    width: 2,
    channels: 3,
    // Red: 0, 255, 0, 255; green: 51 always; blue: 0, 0, 0, 255.
    pixels: Uint8Array.of(0, 51, 0, 255, 51, 0, 0, 51, 0, 255, 51, 255),
    labels: new Uint8Array(2),
  };

  it('are mean and deviation of each channel, worked by hand, rounded to four digits; a constant one deviates by 1', () => {
    expect(statisticsOf(set)).toEqual({ mean: [0.5, 0.2, 0.25], std: [0.5, 1, 0.433] });
  });

  it('are exact over more white pixels than 32 bits can add up', () => {
    const count = 100_000;
    const white = { count, height: 1, width: 1, channels: 2, labels: new Uint8Array(count) };
    const pixels = Uint8Array.from({ length: 2 * count }, (_, i) => (i < count || i % 2 === 1 ? 255 : 0));
    expect(statisticsOf({ ...white, pixels })).toEqual({ mean: [0.5, 1], std: [0.5, 1] });
  });

  it('normalize each channel by its own', () => {
    const table = normalization(statisticsOf(set));
    expect([table[0], table[255], table[256 + 51], table[512]]).toEqual([
      -1,
      1,
      0,
      Math.fround(-0.25 / 0.433),
    ]);
  });

  it('count where the recipe does not give others', () => {
    expect(pixelStatistics({}, set)).toEqual(statisticsOf(set));
    const normalization = { mean: [0.1, 0.2, 0.3], std: [1, 2, 3] };
    expect(pixelStatistics({ normalization }, set)).toBe(normalization);
  });

  it('are refused where the recipe gives fewer than the images have channels', () => {
    expect(() => pixelStatistics({ normalization: MNIST_PIXELS }, set)).toThrow(
      'The recipe normalizes 1 channels, but the images have 3.',
    );
  });
});
