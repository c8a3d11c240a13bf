import type { LayersModel } from '@tensorflow/tfjs-layers';
import { selectBackend } from '../../src/backend/select.ts';
import { type ImageSet, slice } from '../../src/data/dataset.ts';
import { createEngine } from '../../src/engine/choose.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import { buildModel } from '../../src/model/build.ts';
import { type Graph, graphOf } from '../../src/model/graph.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Network } from '../../src/model/layers.ts';
import { keyOf, Stream, uniform } from '../../src/random.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { setWeights } from '../../src/training/weights-file.ts';

export const STEPS = 3;
const SEED = 5;
const CLASSES = 10;
/** Images a step: few, as the cpu backend takes some ten million multiply-adds a second. */
const BATCH = 4;
/** Above this, multiply-adds an image, a network gets batches of half that size. */
const LARGE = 50e6;
const WASM = { name: 'wasm', version: '', reason: '' } as const;

export interface Agreement {
  /** Images a step. */
  readonly batch: number;
  /** Of the losses of three steps and of an evaluation before and after them, the largest difference, relative to the oracle's. */
  readonly worst: number;
  readonly losses: readonly (readonly [native: number, oracle: number])[];
}

/** Multiply-adds of one image through a network. */
export function multiplyAddsOf({ nodes }: Graph): number {
  return nodes.reduce(
    (sum, { op, layer, inputShapes }) => sum + (op.multiplyAdds?.(layer, inputShapes) ?? 0),
    0,
  );
}

/**
 * Trains a network by the native engine and by plain operations of the current backend: the same first
 * weights, images, dropout masks and recipe.
 */
export async function agreementOf(network: Network): Promise<Agreement> {
  const cost = multiplyAddsOf(graphOf(network));
  const batch = cost > LARGE ? BATCH / 2 : BATCH;
  const train = imagesFor(network, batch);
  const recipe: Recipe = {
    epochs: 1,
    batch,
    schedule: { type: 'constant', learningRate: 0.01 },
    momentum: 0.9,
    weightDecay: 1e-4,
  };
  const [native, oracle] = [freshModel(network), freshModel(network)];
  const found = await lossesOf(
    createEngine({ backend: WASM as never, model: native, recipe, seed: SEED, train }),
    'wasm',
    train,
    batch,
  );
  const expected = await lossesOf(
    createStockEngine({ model: oracle, recipe, seed: SEED, train }),
    'tfjs',
    train,
    batch,
  );
  native.dispose();
  oracle.dispose();
  const losses = found.map((loss, i) => [loss, expected[i]!] as const);
  const worst = Math.max(...losses.map(([loss, right]) => Math.abs(loss - right) / Math.abs(right)));
  return { batch, worst, losses };
}

async function lossesOf(
  engine: Engine,
  name: Engine['name'],
  train: ImageSet,
  batch: number,
): Promise<number[]> {
  if (engine.name !== name) throw new Error(`expected the engine ${name}, found ${engine.name}`);
  await engine.ready;
  const first = slice(train, 0, batch);
  const losses = [engine.evaluate(first).loss];
  for (let step = 0; step < STEPS; step++) {
    const images = Uint32Array.from({ length: batch }, (_, i) => step * batch + i);
    losses.push(engine.step({ images, epoch: 0, step, learningRate: 0.01 }).loss);
  }
  losses.push(engine.evaluate(first).loss);
  engine.dispose();
  return losses;
}

function freshModel(network: Network): LayersModel {
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  return model;
}

/** Random bytes, as many as all steps need. */
function imagesFor({ input: [height, width, channels] }: Network, batch: number): ImageSet {
  const count = batch * STEPS;
  const key = keyOf(SEED, Stream.weights, 99);
  const pixels = Uint8Array.from(
    { length: count * height * width * channels },
    (_, i) => 256 * uniform(key, i),
  );
  const labels = Uint8Array.from({ length: count }, (_, i) => (7 * i) % CLASSES);
  return { count, height, width, channels, pixels, labels };
}

/**
 * Selects the backend of the oracle: 'cpu' sums in float64, which makes it one to six digits; 'wasm' (XNNPACK, in float32) is a
 * weaker one for networks that would take the cpu backend an hour.
 */
export async function useOracle(name: 'cpu' | 'wasm' = 'cpu'): Promise<void> {
  await selectBackend({ force: name });
}
