import type { LayersModel } from '@tensorflow/tfjs-layers';
import { epochOrder } from '../../src/data/batches.ts';
import type { Dataset, ImageSet } from '../../src/data/dataset.ts';
import { madeUpDigits } from '../../src/data/digits.ts';
import { block, convolution } from '../../src/model/blocks.ts';
import { buildModel } from '../../src/model/build.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Layer, Network } from '../../src/model/layers.ts';
import { createNativeEngine, nativeModelOf } from '../../src/engine/native/engine.ts';
import type { Engine, Tally } from '../../src/engine/engine.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { setWeights, weightsToBytes } from '../../src/training/weights-file.ts';

/** Small networks, recipes and data on which the native engine is put to the test in seconds. */

export const SEED = 3;
/** Pixels a side: small, because the oracle is slow. */
export const SIDE = 14;
/** An epoch is a batch of 40 images (5 blocks, more than there are shards) and one of 13, whose last block has 5. */
export const DATA = halved(madeUpDigits({ seed: 7, train: 53, test: 50 }));

const norm: readonly Layer[] = [{ type: 'batchNorm' }, { type: 'relu' }];
const drop = (rate: number): Layer => ({ type: 'dropout', rate });
const window = (filters: number, kernel: number): Layer => ({
  type: 'convolution',
  filters,
  kernel,
  padding: 'valid',
});

export const POOLED: Network = {
  input: [SIDE, SIDE, 1],
  layers: [
    ...block(3, 'same'),
    drop(0.1),
    ...block(5),
    { type: 'maxPool', size: 2 },
    drop(0.25),
    ...block(4, 'same'),
    convolution(10),
    { type: 'globalAveragePool' },
  ],
};

/** Every kind of weight once, for what is the recipe's and the same for every layer. */
export const BRIEF: Network = {
  input: [SIDE, SIDE, 1],
  layers: [
    ...block(3, 'same'),
    { type: 'maxPool', size: 2 },
    drop(0.1),
    ...block(4),
    convolution(10),
    { type: 'globalAveragePool' },
  ],
};

export const WINDOWS: Network = {
  input: [SIDE, SIDE, 1],
  layers: [
    window(3, 5),
    ...norm,
    window(6, 2),
    ...norm,
    { type: 'maxPool', size: 2 },
    window(4, 3),
    ...norm,
    drop(0.5),
    window(10, 1),
    { type: 'globalAveragePool' },
  ],
};

/** A first block, and a batch norm further on, that are left as they are: tf.layers normalizes by the batch there, too. */
export const FROZEN: Network = {
  input: [SIDE, SIDE, 1],
  layers: [
    ...block(3, 'same').map((layer) => ({ ...layer, frozen: true })),
    ...block(5),
    { type: 'maxPool', size: 2 },
    convolution(4, 'same'),
    { type: 'batchNorm', frozen: true },
    { type: 'relu' },
    convolution(10),
    { type: 'globalAveragePool' },
  ],
};

/** Convolutions and batch norms that are used two and three times, a dense layer twice. */
export const SHARED: Network = {
  input: [SIDE, SIDE, 1],
  layers: [
    ...block(4, 'same'),
    { ...convolution(4, 'same'), name: 'again' },
    { type: 'batchNorm', name: 'norm' },
    { type: 'relu' },
    drop(0.1),
    { ...convolution(4, 'same'), weightsOf: 'again' },
    { type: 'batchNorm', weightsOf: 'norm' },
    { type: 'relu' },
    { type: 'maxPool', size: 2 },
    { ...convolution(4, 'same'), weightsOf: 'again', name: 'third' },
    { type: 'add', from: ['third', 'pool1'] },
    { type: 'globalAveragePool' },
    { type: 'dense', units: 4, name: 'wide' },
    { type: 'relu' },
    { type: 'dense', units: 4, weightsOf: 'wide' },
    { type: 'dense', units: 10 },
  ],
};

/** So many channels that the Winograd kernels take a layer in several parts. */
export const WIDE: Network = {
  input: [SIDE, SIDE, 1],
  layers: [
    ...block(20, 'same'),
    ...block(20, 'same'),
    ...block(16),
    convolution(10),
    { type: 'globalAveragePool' },
  ],
};

export const PLAIN: Recipe = {
  epochs: 3,
  batch: 40,
  schedule: { type: 'constant', learningRate: 0.1 },
  momentum: 0,
  weightDecay: 0,
};

export const EVERYTHING: Recipe = {
  ...PLAIN,
  momentum: 0.9,
  weightDecay: 0.001,
  labelSmoothing: 0.1,
  augmentation: { rotation: 15, scale: 0.1, shift: 1.5 },
  weightAveraging: { decay: 0.99 },
};

export function freshModel(network: Network): LayersModel {
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  return model;
}

export interface NativeSettings {
  readonly seed?: number;
  readonly threads?: number;
  readonly train?: ImageSet | undefined;
}

/** A native engine whose threads listen. */
export async function nativeEngine(
  model: LayersModel,
  recipe: Recipe,
  settings: NativeSettings = {},
): Promise<Engine> {
  const { seed = SEED, threads = 1 } = settings;
  const train = 'train' in settings ? settings.train : DATA.train;
  const native = nativeModelOf(model);
  if ('reason' in native) throw new Error(`the native engine cannot run this network: ${native.reason}`);
  const engine = createNativeEngine({ native, recipe, seed, threads, ...(train && { train }) });
  await engine.ready;
  return engine;
}

/** The first `steps` steps of a run with SEED; a partial batch ends each epoch. */
export function takeSteps(engine: Engine, recipe: Recipe, steps: number, after?: () => unknown): Tally[] {
  const { count } = DATA.train;
  const perEpoch = Math.ceil(count / recipe.batch);
  return Array.from({ length: steps }, (_, step) => {
    const epoch = Math.floor(step / perEpoch);
    const from = (step % perEpoch) * recipe.batch;
    const images = epochOrder(SEED, epoch, count).subarray(from, Math.min(count, from + recipe.batch));
    const tally = engine.step({ images, epoch, step, learningRate: 0.2 / (1 + step) });
    after?.();
    return tally;
  });
}

/** Every second pixel of every second row. */
function halved(data: Dataset): Dataset {
  const half = (set: ImageSet): ImageSet => {
    const from = (i: number) => {
      const [image, y, x] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE];
      return (image * set.height + 2 * y) * set.width + 2 * x;
    };
    const pixels = Uint8Array.from({ length: set.count * SIDE ** 2 }, (_, i) => set.pixels[from(i)]!);
    return { ...set, height: SIDE, width: SIDE, pixels };
  };
  return { ...data, train: half(data.train), test: half(data.test) };
}

export function bytesOf(model: LayersModel): Uint8Array {
  return weightsToBytes(model);
}
