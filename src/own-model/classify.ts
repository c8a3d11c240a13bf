import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import type { OutputKind } from '../record.ts';
import { lossOfLogits, lossOfProbabilities, predictedClass } from './answer.ts';

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
  readonly predictions: Int32Array;
}

/** Bounds the memory of a forward pass. */
const BATCH = 500;
/** Of a sum of probabilities in 32-bit floats. */
const ROUNDING = 1e-3;

/**
 * Runs a classifier over all of `set`, without training's randomness, and counts. The model gives one value a class; what
 * those mean cannot be seen from its layers and is asked for in `output`. Throws GateError where the model gives something else.
 */
export function classify(model: LayersModel, { x, labels }: LabelledTensor, output: OutputKind): Classified {
  const total = x.shape[0]!;
  const classes = classesOf(model);
  if (labels.length !== total) {
    throw new GateError(`Expected one label an input: found ${labels.length} labels and ${total} inputs.`);
  }
  const predictions = new Int32Array(total);
  const distributions: (boolean | undefined)[] = [];
  let correct = 0;
  let loss = 0;
  for (let from = 0; from < total; from += BATCH) {
    const count = Math.min(BATCH, total - from);
    const values = tf.tidy(() => (model.predictOnBatch(tf.slice(x, from, count)) as tf.Tensor).dataSync());
    for (let i = 0; i < count; i++) {
      const row = values.subarray(i * classes, (i + 1) * classes);
      const label = labels[from + i]!;
      const predicted = predictedClass(row);
      predictions[from + i] = predicted;
      if (predicted === label) correct++;
      distributions.push(isDistribution(row, output));
      loss += output === 'probabilities' ? lossOfProbabilities(row, label) : lossOfLogits(row, label);
    }
  }
  checkOutput(model, distributions, output);
  return { correct, total, loss: loss / total, predictions };
}

/** Whether the values are probabilities, or logarithms of them where that is said; undefined: they are not even finite. */
function isDistribution(row: ArrayLike<number>, output: OutputKind): boolean | undefined {
  const values = Array.from(row, (value) => (output === 'log-probabilities' ? Math.exp(value) : value));
  if (!values.every(Number.isFinite)) return undefined;
  const sum = values.reduce((all, value) => all + value, 0);
  return values.every((value) => value >= 0) && Math.abs(sum - 1) <= ROUNDING;
}

/** A wrong word for the output gives a loss that means nothing: 1.24 for 7.94. */
function checkOutput(
  { name }: LayersModel,
  distributions: readonly (boolean | undefined)[],
  output: OutputKind,
): void {
  const other = distributions.indexOf(false);
  if (output !== 'logits' && other >= 0) {
    throw new GateError(
      `The output of "${name}" is said to be ${output}, and that of input ${other} does not add up to 1: say 'logits', or let the model end in a softmax.`,
    );
  }
  if (output === 'logits' && other < 0 && distributions.includes(true)) {
    throw new GateError(
      `The output of "${name}" is said to be logits, and adds up to 1 for every input: say 'probabilities'.`,
    );
  }
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
