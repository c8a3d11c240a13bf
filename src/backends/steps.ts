import { madeUpDigits } from '../data/digits.ts';
import { type ImageSet, imageSize } from '../data/dataset.ts';
import type { Engine, Tally } from '../engine/engine.ts';
import type { Network } from '../model/layers.ts';
import { keyOf, Stream, uniform } from '../random.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { learningRateAt } from '../recipe/schedule.ts';

/** Training steps to take the time of. */

/** Of everything random. */
export const SEED = 1;

/** Classes of noise. */
const CLASSES = 10;

/** Images for steps and growth, digits of their size or noise: the time does not depend on what they show. */
export function stepImages({ input: [height, width, channels] }: Network, count = 512): ImageSet {
  if (height === 28 && width === 28 && channels === 1)
    return madeUpDigits({ seed: SEED, train: count, test: 1 }).train;
  const key = keyOf(SEED, Stream.weights, 1);
  const size = imageSize({ height, width, channels });
  const pixels = Uint8Array.from({ length: count * size }, (_, i) => 256 * uniform(key, i));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
  return { count, height, width, channels, pixels, labels };
}

/** A function that does the next step of a run over `count` images in their order, at the recipe's first learning rate. */
export function stepper(engine: Engine, recipe: Recipe, count: number): () => Tally {
  const { batch } = recipe;
  const batches = Math.max(1, Math.floor(count / batch));
  const images = Array.from({ length: batches }, (_, b) =>
    Uint32Array.from({ length: batch }, (_, i) => (b * batch + i) % count),
  );
  let step = 0;
  return () => {
    const request = { images: images[step % batches]!, epoch: Math.floor(step / batches), step };
    const tally = engine.step({ ...request, learningRate: learningRateAt(recipe.schedule, step / batches) });
    step++;
    return tally;
  };
}
