import { describe, expect, it } from 'vitest';
import { augmentInto } from '../../../src/data/augment.ts';
import type { ImageSet } from '../../../src/data/dataset.ts';
import { keyOf, uniform } from '../../../src/random.ts';
import type { Augmentation } from '../../../src/recipe/recipe.ts';

const SIDE = 28;
/** Black is not 0, so that a fill with 0 would be seen. */
const TABLE = Float32Array.from({ length: 256 }, (_, value) => value + 1_000);

/** Two images of random bytes, none black. */
const SET: ImageSet = {
  count: 2,
  height: SIDE,
  width: SIDE,
  pixels: Uint8Array.from({ length: 2 * SIDE * SIDE }, (_, i) => 1 + Math.floor(uniform(1, i) * 255)),
  labels: new Uint8Array(2),
};

const at = (x: number, y: number, index = 0) => {
  const isInside = x >= 0 && x < SIDE && y >= 0 && y < SIDE;
  return TABLE[isInside ? SET.pixels[(index * SIDE + y) * SIDE + x]! : 0]!;
};

function augmented(augmentation: Augmentation | undefined, key = 0, index = 0): Float32Array {
  const target = new Float32Array(SIDE * SIDE);
  augmentInto(target, 0, 1, SET, index, augmentation, key, TABLE);
  return target;
}

/** The image whose pixel (x, y) is `source(x, y)`. */
function image(source: (x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => source(i % SIDE, Math.floor(i / SIDE)));
}

/** The limits for which the draws of `key` give exactly these changes. */
function exactly(key: number, { angle = 0, scale = 0, shiftX = 0 }): Augmentation {
  const drawn = (counter: number) => 2 * uniform(key, counter) - 1;
  return { rotation: angle / drawn(0), scale: scale / drawn(1), shift: shiftX / drawn(2) };
}

describe('augmentation', () => {
  it('copies the image when there is none', () => {
    expect(augmented(undefined)).toEqual(image((x, y) => at(x, y)));
    expect(augmented(undefined, 0, 1)).toEqual(image((x, y) => at(x, y, 1)));
  });

  it('by a rotation of 0 degrees is the identity', () => {
    expect(augmented({ rotation: 0 }, 5, 1)).toEqual(image((x, y) => at(x, y, 1)));
    expect(augmented({ rotation: 0, scale: 0, shift: 0 }, 5)).toEqual(image((x, y) => at(x, y)));
  });

  it('turns by 90 degrees: what was at the top is at the right', () => {
    expect(augmented(exactly(3, { angle: 90 }), 3)).toEqual(image((x, y) => at(y, SIDE - 1 - x)));
  });

  it('turns by -90 degrees: what was at the top is at the left', () => {
    expect(augmented(exactly(3, { angle: -90 }), 3)).toEqual(image((x, y) => at(SIDE - 1 - y, x)));
  });

  it('turns by 180 degrees', () => {
    expect(augmented(exactly(4, { angle: 180 }), 4)).toEqual(image((x, y) => at(SIDE - 1 - x, SIDE - 1 - y)));
  });

  it('shifts to the right and down, and fills with black', () => {
    const key = 9;
    const limits = exactly(key, { shiftX: 3 });
    const shiftY = Math.round(limits.shift! * (2 * uniform(key, 3) - 1));
    expect(shiftY).not.toBe(0);
    expect(augmented(limits, key)).toEqual(image((x, y) => at(x - 3, y - shiftY)));
  });

  it('enlarges about the centre: at double size every pixel is four', () => {
    const half = (v: number) => 7 + Math.floor(v / 2);
    expect(augmented(exactly(6, { scale: 1 }), 6)).toEqual(image((x, y) => at(half(x), half(y))));
  });

  it('agrees with the map in floating point at 99 of 100 pixels', () => {
    const limits = { rotation: 20, scale: 0.15, shift: 1.5 };
    let same = 0;
    for (let key = 0; key < 20; key++) {
      const drawn = (counter: number, limit: number) => limit * (2 * uniform(key, counter) - 1);
      const [turn, scale] = [(drawn(0, 20) * Math.PI) / 180, 1 + drawn(1, 0.15)];
      const expected = image((x, y) => {
        const [u, v] = [x - 13.5 - drawn(2, 1.5), y - 13.5 - drawn(3, 1.5)];
        const fromX = (Math.cos(turn) * u + Math.sin(turn) * v) / scale + 13.5;
        const fromY = (Math.cos(turn) * v - Math.sin(turn) * u) / scale + 13.5;
        return at(Math.round(fromX), Math.round(fromY));
      });
      same += augmented(limits, key).filter((value, i) => value === expected[i]).length;
    }
    expect(same / (20 * SIDE * SIDE)).toBeGreaterThan(0.99);
  });

  it('writes to its place alone, with the given distance between pixels', () => {
    for (const augmentation of [undefined, { rotation: 30, shift: 2 }]) {
      const plain = augmented(augmentation, 8, 1);
      const target = new Float32Array(10 + 8 * SIDE * SIDE).fill(-1);
      augmentInto(target, 3, 8, SET, 1, augmentation, 8, TABLE);
      const expected = new Float32Array(target.length).fill(-1);
      plain.forEach((value, i) => (expected[3 + 8 * i] = value));
      expect(target).toEqual(expected);
    }
  });

  it('is the same for the same key, and differs for another', () => {
    const limits = { rotation: 15, scale: 0.15, shift: 1.5 };
    expect(augmented(limits, keyOf(1, 2))).toEqual(augmented(limits, keyOf(1, 2)));
    expect(augmented(limits, keyOf(1, 2))).not.toEqual(augmented(limits, keyOf(1, 3)));
  });

  it('mirrors every second image, left and right', () => {
    const keys = Array.from({ length: 200 }, (_, i) => keyOf(5, i));
    const mirrored = image((x, y) => at(SIDE - 1 - x, y));
    const plain = image((x, y) => at(x, y));
    const flips = keys.filter((key) => isSame(augmented({ horizontalFlip: true }, key), mirrored));
    const others = keys.filter((key) => isSame(augmented({ horizontalFlip: true }, key), plain));
    expect(flips.length + others.length).toBe(200);
    expect(flips.length).toBeGreaterThan(70);
    expect(others.length).toBeGreaterThan(70);
  });

  it('mirrors what was turned, to the pixel', () => {
    const key = Array.from({ length: 20 }, (_, i) => i).find((each) => uniform(each, 5) < 0.5)!;
    const turned = augmented({ rotation: 30 }, key);
    const both = augmented({ rotation: 30, horizontalFlip: true }, key);
    expect(both).toEqual(
      Float32Array.from(turned, (_, i) => turned[i - (i % SIDE) + SIDE - 1 - (i % SIDE)]!),
    );
  });

  it('crops out of the padded image: every shift by whole pixels up to the padding, and black around', () => {
    const shifts = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => image((x, y) => at(x + dx, y + dy))));
    const seen = new Set<Float32Array>();
    for (let key = 0; key < 300; key++) {
      const found = augmented({ crop: 1 }, keyOf(9, key));
      const shift = shifts.find((expected) => isSame(found, expected));
      expect(shift).toBeDefined();
      seen.add(shift!);
    }
    expect(seen.size).toBe(9);
  });

  it('shears along x about the centre: by 45 degrees a row a pixel', () => {
    const key = 11;
    const limit = 45 / (2 * uniform(key, 4) - 1);
    // 13.5 is the centre: row y moves by y - 13.5 pixels, whose half is rounded.
    const found = augmented({ shear: limit } as Augmentation, key);
    const moved = (rounded: number) => image((x, y) => at(x - (y - 13.5) + rounded, y));
    expect([moved(0.5), moved(-0.5)].some((expected) => isSame(found, expected))).toBe(true);
  });

  it('cuts out a square of black, whose centre may be any pixel', () => {
    const plain = image((x, y) => at(x, y));
    const sizes = new Set<number>();
    for (let key = 0; key < 50; key++) {
      const found = augmented({ cutout: 6 }, keyOf(3, key));
      const cut = [...found.keys()].filter((i) => found[i] !== plain[i]);
      const [xs, ys] = [cut.map((i) => i % SIDE), cut.map((i) => Math.floor(i / SIDE))];
      const [width, height] = [xs, ys].map((each) => Math.max(...each) - Math.min(...each) + 1);
      expect(cut).toHaveLength(width! * height!);
      expect(cut.every((i) => found[i] === TABLE[0])).toBe(true);
      expect(Math.max(width!, height!)).toBeLessThanOrEqual(6);
      expect(Math.min(width!, height!)).toBeGreaterThanOrEqual(3);
      sizes.add(cut.length);
    }
    expect(sizes.has(36)).toBe(true);
  });

  it('multiplies brightness, and stretches contrast about the mean, within black and white', () => {
    const key = 21;
    const drawn = (counter: number) => 2 * uniform(key, counter) - 1;
    const [gain, stretch] = [1 + 0.5 * drawn(10), 1 + 0.5 * drawn(11)];
    const bytes = SET.pixels.subarray(0, SIDE * SIDE);
    const mean = (gain * bytes.reduce((sum, value) => sum + value, 0)) / bytes.length;
    const found = augmented({ brightness: 0.5, contrast: 0.5 }, key);
    bytes.forEach((value, i) => {
      const expected = Math.max(0, Math.min(255, stretch * (gain * value - mean) + mean));
      expect(found[i]! - 1_000).toBeCloseTo(expected, 3);
    });
  });

  it('changes all channels of a pixel alike, each by its own table', () => {
    const grey = SET.pixels.subarray(0, SIDE * SIDE);
    const pixels = new Uint8Array(2 * grey.length);
    grey.forEach((value, i) => pixels.set([value, 255 - value], 2 * i));
    const two: ImageSet = {
      count: 1,
      height: SIDE,
      width: SIDE,
      channels: 2,
      pixels,
      labels: new Uint8Array(1),
    };
    const tables = Float32Array.from({ length: 512 }, (_, i) => (i < 256 ? TABLE[i]! : -i));
    const target = new Float32Array(2 * grey.length);
    const augmentation = { rotation: 20, shift: 3, horizontalFlip: true, crop: 2 };
    augmentInto(target, 0, 1, two, 0, augmentation, 4, tables);
    const expected = augmented(augmentation, 4);
    expect(target.filter((_, i) => i % 2 === 0)).toEqual(expected);
    // What is black outside the image is black in both channels; inside the bytes are 255 minus the other's.
    const inside = [...expected.keys()].filter((i) => expected[i] !== TABLE[0]);
    expect(inside.every((i) => target[2 * i + 1] === -(256 + 255 - (expected[i]! - 1_000)))).toBe(true);
    expect([...expected.keys()].every((i) => inside.includes(i) || target[2 * i + 1] === -256)).toBe(true);
  });
});

function isSame(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, i) => value === b[i]);
}
