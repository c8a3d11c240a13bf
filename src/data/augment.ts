import { uniform } from '../random.ts';
import type { Augmentation } from '../training/recipe.ts';
import type { ImageSet } from './dataset.ts';
import { cosine, sine } from './sine.ts';

/** Source coordinates are fixed-point: integer steps are fast, and equal on every machine. */
const FRACTION_BITS = 16;
const ONE = 1 << FRACTION_BITS;
const HALF = ONE >> 1;

/**
 * Writes image `index` of `set` as floats: pixel (x, y) to `target[offset + (y * width + x) * stride]`, as
 * `table[byte]` (see `normalization`). With an augmentation the image is first scaled and turned about its centre and
 * then shifted, by amounts that depend on `key` alone; nearest neighbour, and black where the source has no pixel.
 * Allocates nothing. `augmentation.scale` must be below 1.
 */
export function augmentInto(
  target: Float32Array,
  offset: number,
  stride: number,
  set: ImageSet,
  index: number,
  augmentation: Augmentation | undefined,
  key: number,
  table: Float32Array,
): void {
  const { pixels, height, width } = set;
  const first = index * height * width;
  if (augmentation === undefined) {
    for (let i = 0, to = offset; i < height * width; i++, to += stride)
      target[to] = table[pixels[first + i]!]!;
    return;
  }
  const angle = spread(augmentation.rotation, key, 0);
  const scale = 1 + spread(augmentation.scale ?? 0, key, 1);
  const shiftX = spread(augmentation.shift ?? 0, key, 2);
  const shiftY = spread(augmentation.shift ?? 0, key, 3);

  // The inverse map: a step of one pixel in the target is a step of (cos, -sin) / scale in the source.
  const cos = cosine(angle) / scale;
  const sin = sine(angle) / scale;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const left = -centreX - shiftX;
  const top = -centreY - shiftY;
  const stepCos = Math.round(cos * ONE);
  const stepSin = Math.round(sin * ONE);
  // HALF makes the shift below a rounding to the nearest pixel.
  let rowX = Math.round((cos * left + sin * top + centreX) * ONE) + HALF;
  let rowY = Math.round((cos * top - sin * left + centreY) * ONE) + HALF;
  const black = table[0]!;
  let to = offset;
  for (let y = 0; y < height; y++) {
    let x16 = rowX;
    let y16 = rowY;
    for (let x = 0; x < width; x++) {
      const fromX = x16 >> FRACTION_BITS;
      const fromY = y16 >> FRACTION_BITS;
      // Unsigned, so that one comparison catches both ends.
      const isInside = fromX >>> 0 < width && fromY >>> 0 < height;
      target[to] = isInside ? table[pixels[first + fromY * width + fromX]!]! : black;
      to += stride;
      x16 = (x16 + stepCos) | 0;
      y16 = (y16 - stepSin) | 0;
    }
    rowX = (rowX + stepSin) | 0;
    rowY = (rowY + stepCos) | 0;
  }
}

/** Uniform in [-limit, limit). */
function spread(limit: number, key: number, counter: number): number {
  return limit * (2 * uniform(key, counter) - 1);
}
