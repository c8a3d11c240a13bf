import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { variableOf } from '../backend/tensorflow/layers.ts';
import { augmentInto } from '../data/augment.ts';
import { type ImageSet, imageSize } from '../data/dataset.ts';
import { normalization, type PixelStatistics, statisticsFor } from '../data/normalize.ts';
import { GateError } from '../errors.ts';
import { averagingDecay } from './draws.ts';
import { keyOf, Stream } from '../random.ts';
import type { Engine, Evaluation, StepRequest } from './engine.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type Forward, forwardOf, trainingProblem } from './stock/forward.ts';
import { createUpdate } from './stock/update.ts';

/** Raised whenever the same run would mean something else. */
export const STOCK_VERSION = '2';
const EVALUATION_BATCH = 500;

export interface StockOptions {
  readonly model: LayersModel;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Absent: an engine for evaluation alone. */
  readonly train?: ImageSet;
  /** What images are normalized by; absent: MNIST's. */
  readonly statistics?: PixelStatistics;
}

/**
 * An engine out of plain tfjs operations, for any model from images to one value a class on any backend: the same images, dropout masks and
 * updates as the native engine, in the backend's own arithmetic.
 */
export function createStockEngine({ model, recipe, seed, train, statistics }: StockOptions): Engine {
  const forward = forwardOf(model);
  const problem = train && trainingProblem(model);
  if (problem !== undefined) throw new GateError(`"${model.name}" cannot be trained: ${problem}.`);
  const { shape } = model.inputs[0]!;
  // A vector is an image of one channel.
  const table = normalization(statisticsFor(shape.length === 4 ? shape[3]! : 1, statistics));
  const trainable = model.trainableWeights.map(variableOf);
  const update = createUpdate(
    model.trainableWeights.map((weight, i) => ({
      variable: trainable[i]!,
      name: weight.originalName.split('/').at(-1)!,
    })),
    recipe,
  );
  // `tidy` frees what a variable was made from, but not the variable.
  const all = model.weights.map(variableOf);
  const averages =
    recipe.weightAveraging && tf.tidy(() => all.map((weight) => tf.variable(weight.clone(), false)));

  const held = () => [...all, ...update.moments, ...(averages ?? [])];

  return {
    name: 'tfjs',
    version: STOCK_VERSION,
    threads: 1,
    ready: Promise.resolve(),
    step(request) {
      if (train === undefined) throw new Error('an engine without training images cannot train');
      const tally = { loss: 0, correct: 0 };
      tf.tidy(() => {
        const { x, y } = batchOf(train, request, recipe, seed, table);
        const { value, grads } = tf.variableGrads(() => {
          const logits = forward(x, { seed, step: request.step });
          tally.correct = countCorrect(logits, y);
          return meanLoss(logits, y, recipe.labelSmoothing ?? 0);
        }, trainable);
        update.apply(grads, request.learningRate, request.step);
        if (averages) follow(averages, all, averagingDecay(recipe, request.step));
        tally.loss = value.dataSync()[0]! * request.images.length;
      });
      return tally;
    },
    evaluate: (set) => withWeights(all, averages, () => evaluate(forward, set, table)),
    writeWeights() {
      averages?.forEach((average, i) => all[i]!.assign(average));
    },
    saveState: () => bytesOf(held()),
    loadState: (state) => setBytes(held(), state),
    dispose() {
      update.dispose();
      for (const average of averages ?? []) average.dispose();
    },
  };
}

interface Batch {
  readonly x: tf.Tensor4D;
  readonly y: tf.Tensor1D;
}

function batchOf(
  set: ImageSet,
  { images, epoch }: StepRequest,
  recipe: Recipe,
  seed: number,
  table: Float32Array,
): Batch {
  const size = imageSize(set);
  const pixels = new Float32Array(images.length * size);
  const labels = new Int32Array(images.length);
  images.forEach((index, i) => {
    const key = keyOf(seed, Stream.augment, epoch, index);
    augmentInto(pixels, i * size, 1, set, index, recipe.augmentation, key, table);
    labels[i] = set.labels[index]!;
  });
  return {
    x: tf.tensor4d(pixels, [images.length, set.height, set.width, set.channels ?? 1]),
    y: tf.tensor1d(labels, 'int32'),
  };
}

function meanLoss(logits: tf.Tensor2D, labels: tf.Tensor1D, smoothing: number): tf.Scalar {
  const classes = logits.shape[1];
  // Not through oneHot's own on and off values: WASM cuts them down to whole numbers even where float32 is asked for.
  const own = tf.cast(tf.oneHot(labels, classes), 'float32');
  const target = tf.add(tf.mul(own, 1 - smoothing), smoothing / classes);
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)));
}

function countCorrect(logits: tf.Tensor2D, labels: tf.Tensor1D): number {
  return tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'int32')).dataSync()[0]!;
}

function follow(averages: readonly tf.Variable[], values: readonly tf.Variable[], decay: number): void {
  averages.forEach((average, i) => {
    average.assign(tf.add(tf.mul(average, decay), tf.mul(values[i]!, 1 - decay)));
  });
}

/** All values, one variable after the other. */
function bytesOf(variables: readonly tf.Variable[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(variables.map((each) => new Uint8Array(Float32Array.from(each.dataSync()).buffer))),
  );
}

/** The inverse of `bytesOf`; throws where the length is another. */
function setBytes(variables: readonly tf.Variable[], bytes: Uint8Array): void {
  const expected = 4 * variables.reduce((sum, { size }) => sum + size, 0);
  if (bytes.length !== expected) {
    throw new Error(`a state of ${expected} bytes was expected, found ${bytes.length}`);
  }
  const floats = new Float32Array(Uint8Array.from(bytes).buffer);
  let from = 0;
  for (const variable of variables) {
    const values = floats.slice(from, from + variable.size);
    from += variable.size;
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}

/** Runs `compute` with `replacements`, if any, in the place of `weights`. */
function withWeights<T>(
  weights: readonly tf.Variable[],
  replacements: readonly tf.Variable[] | undefined,
  compute: () => T,
): T {
  if (!replacements) return compute();
  const held = weights.map((weight) => weight.clone());
  replacements.forEach((replacement, i) => weights[i]!.assign(replacement));
  const result = compute();
  held.forEach((value, i) => {
    weights[i]!.assign(value);
    value.dispose();
  });
  return result;
}

function evaluate(forward: Forward, set: ImageSet, table: Float32Array): Evaluation {
  const size = imageSize(set);
  const predictions = new Uint16Array(set.count);
  let loss = 0;
  let correct = 0;
  for (let from = 0; from < set.count; from += EVALUATION_BATCH) {
    const count = Math.min(EVALUATION_BATCH, set.count - from);
    tf.tidy(() => {
      const pixels = new Float32Array(count * size);
      for (let i = 0; i < count; i++) augmentInto(pixels, i * size, 1, set, from + i, undefined, 0, table);
      const logits = forward(tf.tensor4d(pixels, [count, set.height, set.width, set.channels ?? 1]));
      const labels = tf.tensor1d(Int32Array.from(set.labels.subarray(from, from + count)), 'int32');
      predictions.set(tf.argMax(logits, 1).dataSync(), from);
      loss += meanLoss(logits, labels, 0).dataSync()[0]! * count;
      correct += countCorrect(logits, labels);
    });
  }
  return { loss, correct, predictions };
}
