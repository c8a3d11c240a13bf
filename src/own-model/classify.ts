import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';

/** Inputs [count, ...] with the right class of each, 0 to classes - 1. */
export interface LabelledTensor {
  readonly x: tf.Tensor;
  readonly labels: ArrayLike<number>;
}

export interface Classified {
  readonly correct: number;
  readonly total: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Predicted class of every input; of equal outputs the first. */
  readonly predictions: Uint8Array;
}

/** Bounds the memory of a forward pass. */
const BATCH = 500;
/** As in tf.metrics and Keras: keeps the logarithm of a probability of 0 finite. */
const SMALLEST_PROBABILITY = 1e-7;

/**
 * Runs a classifier over all of `set`, without training's randomness, and counts. The model's output is one value a
 * class: probabilities where its last layer is a softmax, else logits. Throws GateError where it is not.
 */
export function classify(model: LayersModel, { x, labels }: LabelledTensor): Classified {
  const total = x.shape[0]!;
  const classes = classesOf(model);
  if (labels.length !== total) {
    throw new GateError(`Expected one label an input: found ${labels.length} labels and ${total} inputs.`);
  }
  const areProbabilities = endsInSoftmax(model);
  const predictions = new Uint8Array(total);
  let correct = 0;
  let loss = 0;
  for (let from = 0; from < total; from += BATCH) {
    const count = Math.min(BATCH, total - from);
    const output = tf.tidy(() => (model.predictOnBatch(tf.slice(x, from, count)) as tf.Tensor).dataSync());
    for (let i = 0; i < count; i++) {
      const row = output.subarray(i * classes, (i + 1) * classes);
      const label = labels[from + i]!;
      const predicted = row.indexOf(Math.max(...row));
      predictions[from + i] = Math.max(0, predicted);
      if (predicted === label) correct++;
      loss += areProbabilities
        ? -Math.log(Math.max(row[label]!, SMALLEST_PROBABILITY))
        : crossEntropy(row, label);
    }
  }
  return { correct, total, loss: loss / total, predictions };
}

/** Classes that the model tells apart. Throws GateError where its output is not [batch, classes] with two or more. */
export function classesOf(model: LayersModel): number {
  const shape = model.outputs.length === 1 ? model.outputs[0]!.shape : [];
  const classes = shape[1] ?? 0;
  if (shape.length === 2 && classes >= 2) return classes;
  throw new GateError(
    `A classifier with one value a class is judged, [batch, classes] with at least two; "${model.name}" gives ${model.outputs.map((output) => `[${output.shape.map((size) => size ?? 'any').join(', ')}]`).join(' and ')}.`,
  );
}

/** A guess from the last layer alone. */
export function endsInSoftmax(model: LayersModel): boolean {
  const last = model.outputs[0]!.sourceLayer;
  return last.getClassName() === 'Softmax' || last.getConfig()['activation'] === 'softmax';
}

/** -log softmax(logits)[label]; subtracting the largest first keeps the exponentials finite. */
function crossEntropy(logits: ArrayLike<number>, label: number): number {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const sum = values.reduce((all, value) => all + Math.exp(value - largest), 0);
  return Math.log(sum) + largest - values[label]!;
}
