import { keyOf, Stream } from '../random.ts';
import type { Recipe } from './recipe.ts';

/** Names the dropout mask after the `index`-th convolution (from 0) in step `step`. */
export function dropoutKey(seed: number, index: number, step: number): number {
  return keyOf(seed, Stream.dropout, index, step);
}

/** An element of a mask is kept where its 32 bits, `mix(index ^ key)`, are at or above this. */
export function dropoutThreshold(rate: number): number {
  return Math.floor(rate * 0x1_0000_0000);
}

/** min(decay, (1 + t) / (10 + t)): a short memory at first, so that the average does not hold on to the start. 0: no averaging. */
export function averagingDecay({ weightAveraging }: Recipe, step: number): number {
  return weightAveraging === undefined ? 0 : Math.min(weightAveraging.decay, (1 + step) / (10 + step));
}
