import '../support/cpu-backend.ts';
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
/** How far off an array of weights may be, of the way that it has gone, after the first step and after the last. */
const ASTRAY = { first: 0.03, last: 0.1 };
const STEPS = 3;
/**
 * Draws of first weights, images and dropout masks, by seed. The first alone where it agrees; else most of them must. Where a sum lies
 * within a rounding of a ReLU's or a maximum's brink, two right engines may take different sides and part from there on: that is by
 * chance of the draw, while what is wrong in an engine is wrong in each.
 */
const DRAWS = [5, 6, 7] as const;
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
const WASM = { name: 'wasm', version: '', reason: '' } as const;

/** How two engines are compared. */
export interface Comparison {
  readonly batch: number;
  /** Images of each step, at most `batch`. */
  readonly steps: readonly number[];
}

/** How far the native engine is from the oracle in one draw. */
interface Difference {
  readonly seed: number;
  /**
   * Of the losses of all steps and of an evaluation before and after them, the largest difference, relative to the oracle's, but
   * at least to a hundredth of its first: what three steps have learned by heart has a loss of rounding errors.
   */
  readonly worst: number;
  readonly losses: readonly (readonly [native: number, oracle: number])[];
  /** The array of weights or moving statistics that is furthest off, after the first step: a wrong gradient shows here, whatever the loss. */
  readonly first: Astray;
  /** The same after the last step. */
  readonly last: Astray;
}

interface Astray {
  /** Length of the difference, by the length of the oracle's way, but at least by a thousandth of the way of all arrays. */
  readonly by: number;
  readonly name: string;
}

export interface Agreement {
  /** Images a step. */
  readonly batch: number;
  /** One that agrees, or all of `DRAWS`. */
  readonly draws: readonly Difference[];
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
  comparison: Comparison = fewImages(network),
): Promise<Agreement> {
  const draws: Difference[] = [];
  for (const seed of DRAWS) {
    draws.push(await differenceOf(network, comparison, seed));
    if (draws.length === 1 && isWithin(draws[0]!)) break;
  }
  return { batch: comparison.batch, draws };
}

async function differenceOf(
  network: Network,
  { batch, steps }: Comparison,
  seed: number,
): Promise<Difference> {
  const train = imagesFor(network, batch * steps.length, seed);
  const recipe: Recipe = {
    epochs: 1,
    batch,
    schedule: { type: 'constant', learningRate: LEARNING_RATE },
    momentum: 0.9,
    weightDecay: 1e-4,
  };
  const options = { recipe, seed, train, statistics: pixelStatistics(recipe, train) };
  const run = async (by: 'native' | 'oracle', model: LayersModel): Promise<Trained> => {
    const engine =
      by === 'native'
        ? createEngine({ ...options, backend: WASM as never, model })
        : createStockEngine({ ...options, model });
    if (engine.name !== (by === 'native' ? 'wasm' : 'tfjs'))
      throw new Error(`this is the engine ${engine.name}`);
    try {
      return await trainedBy(engine, model, train, steps);
    } finally {
      model.dispose();
    }
  };
  const first = freshModel(network, seed);
  const before = arraysOf(first);
  const oracle = await run('oracle', first);
  const native = await run('native', freshModel(network, seed));
  const least = oracle.losses[0]! / 100;
  const losses = native.losses.map((loss, i) => [loss, oracle.losses[i]!] as const);
  const worst = Math.max(...losses.map(([loss, right]) => Math.abs(loss - right) / Math.max(right, least)));
  return {
    seed,
    worst,
    losses,
    first: astrayOf(before, native.first, oracle.first),
    last: astrayOf(before, native.last, oracle.last),
  };
}

interface Trained {
  readonly losses: readonly number[];
  /** Weights after the first step and after the last. */
  readonly first: readonly Named[];
  readonly last: readonly Named[];
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

function astrayOf(before: readonly Named[], found: readonly Named[], right: readonly Named[]): Astray {
  const ways = right.map((each, i) => distance(each, before[i]!));
  const least = Math.max(Math.hypot(...ways) / 1000, Number.MIN_VALUE);
  const rows = found.map((each, i) => {
    const by = distance(each, right[i]!) / Math.max(ways[i]!, least);
    // What is no number is as far astray as can be, in whichever array.
    return { by: Number.isNaN(by) ? Infinity : by, name: each.name };
  });
  return rows.reduce((worst, row) => (row.by > worst.by ? row : worst));
}

function distance(a: Named, b: Named): number {
  return Math.sqrt(a.values.reduce((sum, value, i) => sum + (value - b.values[i]!) ** 2, 0));
}

async function trainedBy(
  engine: Engine,
  model: LayersModel,
  train: ImageSet,
  steps: readonly number[],
): Promise<Trained> {
  await engine.ready;
  const images = slice(train, 0, steps[0]!);
  const losses = [engine.evaluate(images).loss];
  const weights: Named[][] = [];
  let next = 0;
  for (const [step, count] of steps.entries()) {
    const batch = Uint32Array.from({ length: count }, (_, i) => next + i);
    next += count;
    losses.push(engine.step({ images: batch, epoch: 0, step, learningRate: LEARNING_RATE }).loss);
    engine.writeWeights();
    weights.push(arraysOf(model));
  }
  losses.push(engine.evaluate(images).loss);
  engine.dispose();
  return { losses, first: weights[0]!, last: weights.at(-1)! };
}

function freshModel(network: Network, seed: number): LayersModel {
  const model = buildModel(network);
  setWeights(model, initialWeights(model, seed));
  return model;
}

/** Random bytes, and labels one after the other. */
function imagesFor(network: Network, count: number, seed: number): ImageSet {
  const [height, width, channels] = network.input;
  const classes = graphOf(network).nodes.at(-1)!.shape.at(-1)!;
  const key = keyOf(seed, Stream.weights, 99);
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

/** Whether the losses are the oracle's and the weights have gone its way, in the first draw or in most of them. */
export function isAgreement({ draws }: Agreement): boolean {
  return 2 * draws.filter(isWithin).length > draws.length;
}

/** The largest relative difference of a loss, in the middle one of the draws. */
export function worstOf({ draws }: Agreement): number {
  return draws.map(({ worst }) => worst).toSorted((a, b) => a - b)[Math.floor(draws.length / 2)]!;
}

function isWithin({ worst, first, last }: Difference): boolean {
  return worst < TOLERANCE && first.by < ASTRAY.first && last.by < ASTRAY.last;
}
