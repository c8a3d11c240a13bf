import { SEED } from '../../src/backends/steps.ts';
import type { Dataset, ImageSet } from '../../src/data/dataset.ts';
import { pixelStatistics } from '../../src/data/normalize.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { buildModel } from '../../src/model/build.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import { createNativeEngine, nativeModelOf } from '../../src/engine/native/engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { setWeights } from '../../src/training/weights-file.ts';

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
  const statistics = pixelStatistics(recipe, train);
  const engine = createNativeEngine({ native, recipe, seed: SEED, train, statistics, threads });
  model.dispose();
  await engine.ready;
  return engine;
}
