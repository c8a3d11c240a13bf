import { madeUpDigits } from '../../src/data/digits.ts';
import { type Dataset, type ImageSet, imageSize } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { buildModel } from '../../src/model/build.ts';
import type { Network } from '../../src/model/layers.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import { createNativeEngine, nativeModelOf } from '../../src/engine/native/engine.ts';
import type { Engine, Tally } from '../../src/engine/engine.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { keyOf, Stream, uniform } from '../../src/random.ts';
import { learningRateAt } from '../../src/recipe/schedule.ts';
import { setWeights } from '../../src/training/weights-file.ts';

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

/** `count` training images out of those of `set`, one after the other, over and over. */
export function repeated(set: ImageSet, count: number): ImageSet {
  const size = set.height * set.width;
  const pixels = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let from = 0; from < count; from += set.count) {
    const some = Math.min(set.count, count - from);
    pixels.set(set.pixels.subarray(0, some * size), from * size);
    labels.set(set.labels.subarray(0, some), from);
  }
  return { ...set, count, pixels, labels };
}

/** This project's engine on the iteration's network with its seeded first weights, ready for its first step. */
export async function ownEngine(
  { network, recipe }: Pick<Iteration, 'network' | 'recipe'>,
  { train, threads = 1 }: { readonly train: Dataset['train']; readonly threads?: number },
): Promise<Engine> {
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  const native = nativeModelOf(model);
  if ('reason' in native) throw new Error(`the native engine cannot run the network: ${native.reason}`);
  const engine = createNativeEngine({ native, recipe, seed: SEED, train, threads });
  model.dispose();
  await engine.ready;
  return engine;
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
