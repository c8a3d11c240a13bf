import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { augmentInto } from '../../src/data/augment.ts';
import { normalization } from '../../src/data/normalize.ts';
import { clearLanes, IMAGE_BYTES, imageLayer } from '../../src/engine/native/images.ts';
import { randomBits } from '../../src/random.ts';
import type { Augmentation } from '../../src/recipe/recipe.ts';
import { type Bench, createBench, LANES } from './native-lanes.ts';

const TABLES = {
  1: normalization(),
  3: normalization({ mean: [0.1, 0.5, 0.9], std: [1, 0.5, 0.25] }),
} as const;
const LANE = 5;
const IMAGES = 3;

/** Height, width, channels, augmentation. */
const cases: readonly (readonly [number, number, 1 | 3, Augmentation | undefined])[] = [
  [28, 28, 1, undefined],
  [28, 28, 1, { rotation: 15, scale: 0.1, shift: 1 }],
  [5, 9, 1, { rotation: 180 }],
  [7, 3, 1, { rotation: 45, scale: 0.9, shift: 2 }],
  // Sources out of sight.
  [6, 6, 1, { rotation: 10, shift: 40 }],
  [6, 7, 3, undefined],
  [9, 8, 3, { rotation: 30, shear: 20, horizontalFlip: true, crop: 2 }],
  [9, 8, 3, { brightness: 0.5, contrast: 0.5 }],
  [9, 8, 3, { cutout: 4 }],
  [
    9,
    8,
    3,
    { rotation: 10, shear: 5, horizontalFlip: true, crop: 1, brightness: 0.2, contrast: 0.2, cutout: 3 },
  ],
];

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.checkGuards());

describe('laying an image into its lane', () => {
  it.each(cases)(
    'gives what augmentInto gives: %i x %i x %i, %o',
    (height, width, channels, augmentation) => {
      const size = height * width * channels;
      const pixels = Uint8Array.from({ length: IMAGES * size }, (_, i) => randomBits(7, i) >>> 24);
      const set = { pixels, labels: Uint16Array.of(3, 299, 0), height, width, channels, count: IMAGES };
      const table = TABLES[channels];
      const block = bench.zeros(size * LANES);
      const labels = bench.bytes(new Uint8Array(2 * LANES));
      const places = {
        descriptor: bench.room(IMAGE_BYTES / 4),
        pixels: bench.bytes(new Uint8Array(size)),
        table: bench.room(table.length),
        ownTable: bench.room(table.length),
        labels,
        address: (image: number) => block + 4 * image,
      };
      const lay = imageLayer(bench.memory, places, bench.kernels, table);
      for (let index = 0; index < IMAGES; index++) {
        const expected = new Float32Array(size);
        augmentInto(expected, 0, 1, set, index, augmentation, index, table);
        lay(LANE, set, index, augmentation, index);
        const found = bench.read(block, size * LANES);
        expect(found.filter((_, i) => i % LANES === LANE)).toEqual(expected);
        expect(
          found.every((value, i) => i % LANES === LANE || value === 0),
          'the other lanes stay as they were',
        ).toBe(true);
        expect(new Uint16Array(bench.memory.buffer, labels, LANES)[LANE]).toBe(set.labels[index]);
      }
    },
  );

  it('clears the lanes behind the last image, and no other', () => {
    const block = bench.put(Array.from({ length: 2 * LANES }, () => 1));
    const address = (image: number) => block + 4 * image;
    clearLanes(bench.memory, address, 6, 2);
    expect([...bench.read(block, 2 * LANES)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]);
    clearLanes(bench.memory, address, 8, 2);
    expect(bench.read(block, 1)[0]).toBe(1);
  });
});
