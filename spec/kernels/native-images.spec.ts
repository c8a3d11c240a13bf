import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { augmentInto, FRACTION_BITS, sourceMap } from '../../src/data/augment.ts';
import { normalization } from '../../src/data/normalize.ts';
import { randomBits } from '../../src/random.ts';
import type { Augmentation } from '../../src/recipe/recipe.ts';
import { type Bench, createBench, LANES } from './native-lanes.ts';

const TABLE = normalization();
const LANE = 5;

/** Height, width, augmentation; the last shifts sources out of sight. */
const cases: readonly (readonly [number, number, Augmentation | undefined])[] = [
  [28, 28, undefined],
  [28, 28, { rotation: 15, scale: 0.1, shift: 1 }],
  [5, 9, { rotation: 180 }],
  [7, 3, { rotation: 45, scale: 0.9, shift: 2 }],
  [6, 6, { rotation: 10, shift: 40 }],
];

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.checkGuards());

describe('laying an image into its lane', () => {
  it.each(cases)('gives what augmentInto gives: %i x %i, %o', (height, width, augmentation) => {
    const size = height * width;
    const pixels = Uint8Array.from({ length: 3 * size }, (_, i) => randomBits(7, i) >>> 24);
    const set = { pixels, labels: new Uint8Array(3), height, width, count: 3 };
    for (let index = 0; index < set.count; index++) {
      const expected = new Float32Array(size);
      augmentInto(expected, 0, 1, set, index, augmentation, index, TABLE);
      const { fromX, fromY, cos, sin } = sourceMap(set, augmentation, index);
      const image = bench.bytes(pixels.subarray(index * size, (index + 1) * size));
      const block = bench.zeros(size * LANES);
      bench.kernels.layImage(
        image,
        height,
        width,
        fromX,
        fromY,
        cos,
        sin,
        FRACTION_BITS,
        bench.put(TABLE),
        block + 4 * LANE,
      );
      const found = bench.read(block, size * LANES);
      expect(found.filter((_, i) => i % LANES === LANE)).toEqual(expected);
      expect(
        found.every((value, i) => i % LANES === LANE || value === 0),
        'the other lanes stay as they were',
      ).toBe(true);
    }
  });
});
