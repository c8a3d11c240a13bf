import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { selectBackend } from '../../src/backend/select.ts';
import { type ImageSet, slice } from '../../src/data/dataset.ts';
import { pixelStatistics } from '../../src/data/normalize.ts';
import { createEngine } from '../../src/engine/choose.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import { buildModel } from '../../src/model/build.ts';
import { graphOf, multiplyAddsOf } from '../../src/model/graph.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Network } from '../../src/model/layers.ts';
import { keyOf, Stream, uniform } from '../../src/random.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { setWeights } from '../../src/training/weights-file.ts';

/** Relative difference of a loss that is still agreement with the cpu backend. */
export const TOLERANCE = 1e-4;
/** The same of the way that a weight has gone. */
const ASTRAY = 1e-2;
const STEPS = 3;
const SEED = 5;
/** Images a step: few, as the cpu backend takes some hundred million multiply-adds a second. */
const BATCH = 4;
/** Above this, multiply-adds an image, a network gets batches of half that size, where batch norm makes more of every rounding. */
const LARGE = 100e6;
/**
 * Small: on random images the networks of the corpus have losses of tens, some above a hundred, and fall far by steps of this size; with steps
 * ten times as large some lose every rounding tenfold a step, whoever computes them. Weights are held to how far they moved, so that a
 * small step hides nothing.
 */
const LEARNING_RATE = 1e-4;
/** Times that two runs of the oracle may be from each other, of which neither is the exact one. */
const NOISE = 4;
/**
 * Runs of the oracle where the engines part: by how much of itself every first weight is another in each. A rounding, and what a
 * Winograd convolution of the native engine is from the definition.
 */
const NUDGES = [2 ** -23, 2 ** -23, 2 ** -20, 2 ** -20];
const WASM = { name: 'wasm', version: '', reason: '' } as const;

/** How two engines are compared. */
export interface Comparison {
  readonly batch: number;
  /** Images of each step, at most `batch`. */
  readonly steps: readonly number[];
}

export interface Agreement {
  /** Images a step. */
  readonly batch: number;
  /**
   * Of the losses of all steps and of an evaluation before and after them, the largest difference, relative to the oracle's, but
   * at least to a hundredth of its first: what three steps have learned by heart has a loss of rounding errors.
   */
  readonly worst: number;
  readonly losses: readonly (readonly [native: number, oracle: number])[];
  /**
   * Of all weights and moving statistics after the last step, the largest difference, relative to how far the oracle moved its
   * array of weights, but at least a thousandth of how far it moved any: a gradient that is wrong shows here, whatever the loss.
   */
  readonly astray: number;
  /** The array of weights that this is one of. */
  readonly astrayIn: string;
  /**
   * The largest `worst` and `astray` of the oracle beside itself with every first weight nudged, times four; 0 where the engines agree
   * without that. What differs no more than this cannot be told from right: some networks part tenfold a step, whoever computes them.
   */
  readonly noise: number;
  readonly noiseAstray: number;
}

/** What a network of the corpus is compared by: three steps of few images, fewer where they cost much. */
function fewImages(network: Network): Comparison {
  const batch = multiplyAddsOf(graphOf(network)) > LARGE ? BATCH / 2 : BATCH;
  return { batch, steps: Array.from({ length: STEPS }, () => batch) };
}

/**
 * Trains a network by the native engine and by plain operations of the current backend: the same first weights, images,
 * dropout masks and recipe.
 */
export async function agreementOf(
  network: Network,
  { batch, steps }: Comparison = fewImages(network),
): Promise<Agreement> {
  const train = imagesFor(network, batch * steps.length);
  const recipe: Recipe = {
    epochs: 1,
    batch,
    schedule: { type: 'constant', learningRate: LEARNING_RATE },
    momentum: 0.9,
    weightDecay: 1e-4,
  };
  const options = { recipe, seed: SEED, train, statistics: pixelStatistics(recipe, train) };
  const run = async (by: 'native' | 'oracle', model: LayersModel): Promise<Trained> => {
    const engine =
      by === 'native'
        ? createEngine({ ...options, backend: WASM as never, model })
        : createStockEngine({ ...options, model });
    if (engine.name !== (by === 'native' ? 'wasm' : 'tfjs'))
      throw new Error(`this is the engine ${engine.name}`);
    try {
      const losses = await lossesOf(engine, train, steps);
      return { losses, weights: arraysOf(model) };
    } finally {
      model.dispose();
    }
  };
  const first = freshModel(network);
  const before = arraysOf(first);
  const oracle = await run('oracle', first);
  const native = await run('native', freshModel(network));
  const losses = native.losses.map((loss, i) => [loss, oracle.losses[i]!] as const);
  const found = { batch, losses, ...differenceOf(before, native, oracle) };
  if (found.worst < TOLERANCE && found.astray < ASTRAY) return { ...found, noise: 0, noiseAstray: 0 };
  // One rounding may hit no ReLU or maximum that is on the brink; of several the furthest is near what rounding can do.
  const others: ReturnType<typeof differenceOf>[] = [];
  for (const [number, share] of NUDGES.entries()) {
    const model = nudged(freshModel(network), number, share);
    others.push(differenceOf(before, await run('oracle', model), oracle));
  }
  return {
    ...found,
    noise: NOISE * Math.max(...others.map(({ worst }) => worst)),
    noiseAstray: NOISE * Math.max(...others.map(({ astray }) => astray)),
  };
}

interface Trained {
  readonly losses: readonly number[];
  readonly weights: readonly Named[];
}

function differenceOf(
  before: readonly Named[],
  found: Trained,
  right: Trained,
): Pick<Agreement, 'worst' | 'astray' | 'astrayIn'> {
  const least = right.losses[0]! / 100;
  const worst = Math.max(
    ...found.losses.map((loss, i) => Math.abs(loss - right.losses[i]!) / Math.max(right.losses[i]!, least)),
  );
  return { worst, ...astrayOf(before, found.weights, right.weights) };
}

/** The model with every weight changed by a share of itself, up or down as the number of the nudge has it. */
function nudged(model: LayersModel, number: number, share: number): LayersModel {
  const key = keyOf(SEED, Stream.weights, 98, number);
  let counter = 0;
  const values = model.getWeights().map((weight) =>
    tf.tensor(
      weight.dataSync().map((value) => value * (1 + (uniform(key, counter++) < 0.5 ? 1 : -1) * share)),
      weight.shape,
    ),
  );
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

interface Named {
  readonly name: string;
  readonly values: Float32Array;
}

function arraysOf(model: LayersModel): Named[] {
  const values = model.getWeights();
  return model.weights.map(({ originalName }, i) => ({
    name: originalName,
    values: values[i]!.dataSync().slice() as Float32Array,
  }));
}

function astrayOf(
  before: readonly Named[],
  found: readonly Named[],
  right: readonly Named[],
): Pick<Agreement, 'astray' | 'astrayIn'> {
  const furthest = (a: Named, b: Named) =>
    a.values.reduce((most, value, i) => Math.max(most, Math.abs(value - b.values[i]!)), 0);
  const moved = right.map((each, i) => furthest(each, before[i]!));
  const least = Math.max(...moved) / 1000;
  const rows = found.map((each, i) => ({
    astray: furthest(each, right[i]!) / Math.max(moved[i]!, least),
    astrayIn: each.name,
  }));
  return rows.reduce((worst, row) => (row.astray > worst.astray ? row : worst));
}

async function lossesOf(engine: Engine, train: ImageSet, steps: readonly number[]): Promise<number[]> {
  await engine.ready;
  const first = slice(train, 0, steps[0]!);
  const losses = [engine.evaluate(first).loss];
  let next = 0;
  steps.forEach((count, step) => {
    const images = Uint32Array.from({ length: count }, (_, i) => next + i);
    next += count;
    losses.push(engine.step({ images, epoch: 0, step, learningRate: LEARNING_RATE }).loss);
  });
  losses.push(engine.evaluate(first).loss);
  engine.writeWeights();
  engine.dispose();
  return losses;
}

function freshModel(network: Network): LayersModel {
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  return model;
}

/** Random bytes, and labels one after the other. */
function imagesFor(network: Network, count: number): ImageSet {
  const [height, width, channels] = network.input;
  const classes = graphOf(network).nodes.at(-1)!.shape.at(-1)!;
  const key = keyOf(SEED, Stream.weights, 99);
  const pixels = Uint8Array.from(
    { length: count * height * width * channels },
    (_, i) => 256 * uniform(key, i),
  );
  const labels = Uint8Array.from({ length: count }, (_, i) => (7 * i) % classes);
  return { count, height, width, channels, pixels, labels };
}

/** Selects the backend of the oracle: 'cpu' sums in float64, which makes it one to six digits. */
export async function useOracle(): Promise<void> {
  await selectBackend({ force: 'cpu' });
}

/** Whether the losses are the oracle's, and the weights have gone its way. */
export function isAgreement({ worst, noise, astray, noiseAstray }: Agreement): boolean {
  return worst < Math.max(TOLERANCE, noise) && astray < Math.max(ASTRAY, noiseAstray);
}
