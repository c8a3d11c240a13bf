import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { normalization } from '../../src/data/normalize.ts';
import type { Network } from '../../src/model/layers.ts';
import { createNativeEngine, nativeModelOf } from '../../src/engine/native/engine.ts';
import type { Engine, Tally } from '../../src/engine/engine.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import {
  BRIEF,
  bytesOf,
  DATA,
  EVERYTHING,
  FROZEN,
  freshModel,
  nativeEngine,
  PLAIN,
  POOLED,
  SEED,
  SHARED,
  SIDE,
  takeSteps,
  WINDOWS,
} from '../kernels/native-networks.ts';
import { demandNoTensorsLeft } from '../support/tensors.ts';

/** Furthest that a weight or a statistic may be from the oracle's: float32 rounds a weight of 1 to 6e-8. */
const TOLERANCES: Readonly<Record<number, number>> = { 1: 3e-6, 2: 1e-5, 3: 2e-5, 5: 3e-5 };
/** Of a loss, per image. */
const LOSS_TOLERANCE = 1e-5;

// The cpu backend sums in float64, which the stock engine on WASM does not: only there it is an oracle to six digits.
beforeAll(() => selectBackend({ force: 'cpu' }));
demandNoTensorsLeft();

const EVERY_AUGMENTATION = {
  rotation: 10,
  scale: 0.1,
  shift: 1,
  shear: 10,
  horizontalFlip: true,
  crop: 2,
  brightness: 0.3,
  contrast: 0.3,
  cutout: 4,
};
const ADAPTIVE: Recipe = { epochs: 3, batch: 40, schedule: PLAIN.schedule };

const cases: readonly (readonly [string, number, Network, Recipe])[] = [
  ['dropout', 1, POOLED, PLAIN],
  ['momentum and weight decay', 2, BRIEF, { ...PLAIN, momentum: 0.9, weightDecay: 0.01 }],
  ['label smoothing', 1, BRIEF, { ...PLAIN, labelSmoothing: 0.2 }],
  ['augmentation', 1, BRIEF, { ...PLAIN, augmentation: { rotation: 20, scale: 0.2, shift: 2 } }],
  ['every augmentation', 1, BRIEF, { ...PLAIN, augmentation: EVERY_AUGMENTATION }],
  ['weight averaging', 2, BRIEF, { ...PLAIN, weightAveraging: { decay: 0.99 } }],
  ['Nesterov momentum', 3, BRIEF, { ...PLAIN, optimizer: { type: 'sgd', momentum: 0.9, nesterov: true } }],
  ['decay of kernels alone', 2, BRIEF, { ...PLAIN, weightDecay: { rate: 0.5, norms: false, biases: false } }],
  ['gradients cut to a value', 2, BRIEF, { ...PLAIN, gradientClipping: { value: 0.01 } }],
  ['gradients cut to a length', 2, BRIEF, { ...PLAIN, gradientClipping: { norm: 0.1 } }],
  ['Adam', 3, BRIEF, { ...ADAPTIVE, weightDecay: 0.01, optimizer: { type: 'adam', epsilon: 1e-3 } }],
  [
    'AdamW',
    3,
    BRIEF,
    { ...ADAPTIVE, weightDecay: 0.5, optimizer: { type: 'adamW', epsilon: 1e-3, beta1: 0.8 } },
  ],
  // Nine blocks make five shards of two; seven blocks, by themselves, would make seven of one.
  ['fewer images than a batch of 72', 2, BRIEF, { ...PLAIN, batch: 72 }],
  ['everything', 1, POOLED, EVERYTHING],
  ['everything', 5, POOLED, EVERYTHING],
  ['everything and kernels of 5, 2 and 1', 5, WINDOWS, EVERYTHING],
  ['frozen batch norms', 3, FROZEN, PLAIN],
  ['everything and frozen batch norms', 5, FROZEN, EVERYTHING],
  ['weights that are used two and three times', 3, SHARED, PLAIN],
  ['everything and weights that are used two and three times', 5, SHARED, EVERYTHING],
];

describe('the native engine agrees with the stock engine on the cpu backend', () => {
  it.each(cases)(
    'with %s, after %i steps: weights, statistics, loss, correct',
    async (_, steps, network, recipe) => {
      const model = freshModel(network);
      const found = finish(model, await nativeEngine(model, recipe), recipe, steps);
      const other = freshModel(network);
      const stock = createStockEngine({ model: other, recipe, seed: SEED, train: DATA.train });
      expectSameRun(found, finish(other, stock, recipe, steps), TOLERANCES[steps]!);
    },
  );
});

describe('the native engine', () => {
  it('evaluates to what model.predict says after writeWeights, averaged weights and all', async () => {
    const model = freshModel(POOLED);
    const engine = await nativeEngine(model, EVERYTHING);
    takeSteps(engine, EVERYTHING, 5);
    const evaluation = engine.evaluate(DATA.test);
    engine.writeWeights();
    const { predictions, loss } = predict(model);
    expect(evaluation.predictions).toEqual(predictions);
    expect(evaluation.loss / DATA.test.count).toBeCloseTo(loss, 5);
    expect(evaluation.correct).toBe(predictions.filter((each, i) => each === DATA.test.labels[i]).length);
    engine.dispose();
    model.dispose();
  });

  it('starts from the weights of the model', async () => {
    const model = freshModel(POOLED);
    const engine = await nativeEngine(model, PLAIN);
    const before = bytesOf(model);
    expect(engine.evaluate(DATA.test).predictions).toEqual(predict(model).predictions);
    engine.writeWeights();
    expect(bytesOf(model)).toEqual(before);
    engine.dispose();
    model.dispose();
  });

  it('gives the same bytes twice for one seed, and others for another', async () => {
    const first = await bytesAfterSteps({ seed: 3 });
    expect(await bytesAfterSteps({ seed: 3 })).toEqual(first);
    expect(await bytesAfterSteps({ seed: 4 })).not.toEqual(first);
  });

  it.each([2, 3, 4, 8])('gives the same bytes on %i threads as on one', async (threads) => {
    expect(await bytesAfterSteps({ threads })).toEqual(await bytesAfterSteps({ threads: 1 }));
  });

  it('gives the same bytes on 3 threads as on one where weights are used more than once', async () => {
    const network = SHARED;
    expect(await bytesAfterSteps({ network, threads: 3 })).toEqual(await bytesAfterSteps({ network }));
  });

  it('refuses to work before its threads do', async () => {
    const model = freshModel(POOLED);
    const native = nativeModelOf(model);
    if ('reason' in native) throw new Error(native.reason);
    const engine = createNativeEngine({
      native,
      recipe: EVERYTHING,
      seed: SEED,
      threads: 2,
      train: DATA.train,
    });
    expect(() => engine.evaluate(DATA.test)).toThrow('await engine.ready');
    await engine.ready;
    expect(engine.evaluate(DATA.test).predictions).toHaveLength(DATA.test.count);
    engine.dispose();
    model.dispose();
  });

  it('evaluates alike with any batch', async () => {
    const evaluations: unknown[] = [];
    for (const batch of [1, 7, 16, 64]) {
      const model = freshModel(POOLED);
      const engine = await nativeEngine(model, { ...PLAIN, batch });
      const { correct, loss, predictions } = engine.evaluate(DATA.test);
      evaluations.push({ correct, loss: loss.toFixed(9), predictions });
      engine.dispose();
      model.dispose();
    }
    expect(evaluations.slice(1)).toEqual(Array.from({ length: 3 }, () => evaluations[0]));
  });

  it('evaluates without a trace: steps after it are those without it', async () => {
    const evaluating = (engine: Engine) => engine.evaluate(DATA.test);
    expect(await bytesAfterSteps({ between: evaluating })).toEqual(await bytesAfterSteps({}));
  });

  it('refuses to train without training images', async () => {
    const model = freshModel(POOLED);
    const engine = await nativeEngine(model, PLAIN, { train: undefined });
    expect(() => takeSteps(engine, PLAIN, 1)).toThrow('an engine without training images cannot train');
    engine.dispose();
    model.dispose();
  });
});

interface Run {
  readonly weights: readonly { readonly name: string; readonly values: Float32Array }[];
  readonly tallies: readonly Tally[];
  readonly test: Tally;
}

/** Takes the steps, evaluates, reads the weights and disposes of engine and model. */
function finish(model: LayersModel, engine: Engine, recipe: Recipe, steps: number): Run {
  const tallies = takeSteps(engine, recipe, steps);
  const { loss, correct } = engine.evaluate(DATA.test);
  engine.writeWeights();
  engine.dispose();
  const read = model.getWeights();
  const weights = model.weights.map(({ originalName }, i) => ({
    name: originalName,
    values: Float32Array.from(read[i]!.dataSync()),
  }));
  model.dispose();
  return { weights, tallies, test: { loss, correct } };
}

function expectSameRun(found: Run, expected: Run, tolerance: number): void {
  expect(found.weights.map(({ name }) => name)).toEqual(expected.weights.map(({ name }) => name));
  found.weights.forEach(({ name, values }, i) => {
    const other = expected.weights[i]!.values;
    const worst = values.reduce((most, value, j) => Math.max(most, Math.abs(value - other[j]!)), 0);
    expect(worst, name).toBeLessThan(tolerance);
  });
  expect(found.tallies).toHaveLength(expected.tallies.length);
  [...found.tallies, found.test].forEach((tally, i) => {
    const other = [...expected.tallies, expected.test][i]!;
    expect(tally.correct, `correct images of step ${i + 1}`).toBe(other.correct);
    expect(Math.abs(tally.loss - other.loss) / DATA.test.count, `loss of step ${i + 1}`).toBeLessThan(
      LOSS_TOLERANCE,
    );
  });
}

interface Settings {
  readonly seed?: number;
  readonly threads?: number;
  readonly between?: (engine: Engine) => unknown;
  readonly network?: Network;
}

async function bytesAfterSteps(settings: Settings): Promise<Uint8Array> {
  const { seed = SEED, threads = 1, between, network = POOLED } = settings;
  const model = freshModel(network);
  const engine = await nativeEngine(model, EVERYTHING, { seed, threads });
  expect(engine.threads).toBe(threads);
  takeSteps(engine, EVERYTHING, 4, () => between?.(engine));
  engine.writeWeights();
  engine.dispose();
  const bytes = bytesOf(model);
  model.dispose();
  return bytes;
}

/** Plain tfjs: the model as it is, images normalized by the definition. */
function predict(model: LayersModel): { readonly predictions: Uint16Array; readonly loss: number } {
  const { test } = DATA;
  const table = normalization();
  const found = tf.tidy(() => {
    const pixels = Float32Array.from(test.pixels, (pixel) => table[pixel]!);
    const logits = model.predict(tf.tensor4d(pixels, [test.count, SIDE, SIDE, 1])) as tf.Tensor2D;
    const target = tf.oneHot([...test.labels], DATA.classes);
    const loss = tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)));
    return { classes: tf.argMax(logits, 1).dataSync(), loss: loss.dataSync()[0]! };
  });
  return { predictions: Uint16Array.from(found.classes), loss: found.loss };
}
