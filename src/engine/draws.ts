import { keyOf, mix, Stream } from '../random.ts';
import type { Recipe } from '../recipe/recipe.ts';

export { dropoutThreshold } from '../random.ts';

/** Names the mask of the `index`-th dropout of a network (from 0) in step `step`. */
export function dropoutKey(seed: number, index: number, step: number): number {
  return keyOf(seed, Stream.dropout, index, step);
}

/**
 * The 16 uniform bits that decide over element `index` of a mask [images, ...] with `imageSize` elements an image. Images
 * come in blocks of eight; the last four of a block take the other half of what the first four drew.
 */
export function dropoutBits(key: number, index: number, imageSize: number): number {
  const isInLastFour = Math.floor(index / imageSize) % 8 >= 4;
  return isInLastFour ? mix((index - 4 * imageSize) ^ key) >>> 16 : mix(index ^ key) & 0xffff;
}

/** min(decay, (1 + t) / (10 + t)): a short memory at first, so that the average does not hold on to the start. 0: no averaging. */
export function averagingDecay({ weightAveraging }: Recipe, step: number): number {
  return weightAveraging === undefined ? 0 : Math.min(weightAveraging.decay, (1 + step) / (10 + step));
}
