import { uniform } from '../random.ts';
import type { Augmentation } from '../recipe/recipe.ts';
import type { ImageSet } from './dataset.ts';
import { cosine, sine } from './sine.ts';

/** Source coordinates are fixed-point: integer steps are fast, and equal on every machine. */
export const FRACTION_BITS = 16;
const ONE = 1 << FRACTION_BITS;
const HALF = ONE >> 1;

/**
 * Where an image's pixels come from: target pixel (x, y) is source pixel (fromX + x cos + y sin, fromY - x sin + y cos),
 * in steps of 2^-FRACTION_BITS pixels, rounded down.
 */
export interface SourceMap {
  readonly fromX: number;
  readonly fromY: number;
  readonly cos: number;
  readonly sin: number;
}

/** Half a pixel makes the rounding down one to the nearest pixel. */
const IDENTITY: SourceMap = { fromX: HALF, fromY: HALF, cos: ONE, sin: 0 };

/**
 * The map of an image that is first scaled and turned about its centre and then shifted, by amounts that depend on
 * `key` alone; without an augmentation that of the image as it is. `augmentation.scale` must be below 1.
 */
export function sourceMap(
  { width, height }: Pick<ImageSet, 'width' | 'height'>,
  augmentation: Augmentation | undefined,
  key: number,
): SourceMap {
  if (augmentation === undefined) return IDENTITY;
  const angle = spread(augmentation.rotation ?? 0, key, 0);
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
  return {
    fromX: Math.round((cos * left + sin * top + centreX) * ONE) + HALF,
    fromY: Math.round((cos * top - sin * left + centreY) * ONE) + HALF,
    cos: Math.round(cos * ONE),
    sin: Math.round(sin * ONE),
  };
}

/**
 * Writes image `index` of `set` as floats: pixel (x, y) to `target[offset + (y * width + x) * stride]`, as
 * `table[byte]` (see `normalization`), by its `sourceMap`: nearest neighbour, and black where the source has no pixel.
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
  const { fromX, fromY, cos, sin } = sourceMap(set, augmentation, key);
  let rowX = fromX;
  let rowY = fromY;
  const black = table[0]!;
  let to = offset;
  for (let y = 0; y < height; y++) {
    let x16 = rowX;
    let y16 = rowY;
    for (let x = 0; x < width; x++) {
      const column = x16 >> FRACTION_BITS;
      const row = y16 >> FRACTION_BITS;
      // Unsigned, so that one comparison catches both ends.
      const isInside = column >>> 0 < width && row >>> 0 < height;
      target[to] = isInside ? table[pixels[first + row * width + column]!]! : black;
      to += stride;
      x16 = (x16 + cos) | 0;
      y16 = (y16 - sin) | 0;
    }
    rowX = (rowX + sin) | 0;
    rowY = (rowY + cos) | 0;
  }
}

/** Uniform in [-limit, limit). */
function spread(limit: number, key: number, counter: number): number {
  return limit * (2 * uniform(key, counter) - 1);
}
