import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageSet } from '../../src/data/dataset.ts';
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
/** Of a step on the oracle: a batch is as large as this allows, within the two limits. The oracle does some 30 million a second. */
const MULTIPLY_ADDS = 60e6;
const BATCHES = { least: 4, most: 16 } as const;
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
 * Trains a network by the native engine and by plain operations of the current backend, which must be 'cpu': the same first
 * weights, images, dropout masks and recipe.
 */
export async function agreementOf(network: Network): Promise<Agreement> {
  const cost = multiplyAddsOf(graphOf(network));
  const batch = Math.max(BATCHES.least, Math.min(BATCHES.most, Math.floor(MULTIPLY_ADDS / cost)));
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
  const losses = [engine.evaluate(train).loss];
  for (let step = 0; step < STEPS; step++) {
    const images = Uint32Array.from({ length: batch }, (_, i) => step * batch + i);
    losses.push(engine.step({ images, epoch: 0, step, learningRate: 0.01 }).loss);
  }
  losses.push(engine.evaluate(train).loss);
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

/** What must be so when networks are compared: the cpu backend sums in float64, which makes it an oracle. */
export async function useOracle(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
}
