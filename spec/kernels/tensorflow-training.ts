import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { applyFused, variableOf } from '../../src/backend/tensorflow/layers.ts';
import type { Network } from '../../src/model/layers.ts';
import { keyOf, uniform } from '../../src/random.ts';
import type { Tally } from '../../src/engine/engine.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { run } from '../../src/training/run.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import { DIGITS, TINY } from '../support/tiny-iteration.ts';
import { DATA, EVERYTHING, freshModel, PLAIN, POOLED, SEED, takeSteps, WINDOWS } from './native-networks.ts';

/** Furthest that a weight or a statistic may be from the cpu backend's after so many steps: TensorFlow sums in float32. */
const TOLERANCES: Readonly<Record<number, number>> = { 1: 1e-5, 5: 2e-4 };
/** Of a loss, per image. */
const LOSS_TOLERANCE = 1e-4;
/** Of a value or a gradient of one layer, relative to the largest. */
const LAYER_TOLERANCE = 1e-5;

/** Needs TensorFlow as the current backend. */
export function describeTraining(): void {
  describe('training on tfjs-node', () => {
    let before = { tensors: 0, data: 0 };
    beforeEach(() => {
      before = counts();
    });
    afterEach(async () => {
      await tf.setBackend('tensorflow');
      expect(counts(), 'tensors and buffers left behind').toEqual(before);
    });

    describe.each(layerCases)('the fused kernels of $name', ({ make, center = 5 }) => {
      it('give the output, gradients and moving statistics that tf.layers gives', () => {
        const fused = outcome(make(), center, (layer, x) => applyFused(layer, x)!);
        const stock = outcome(make(), center, (layer, x) => layer.apply(x, { training: true }) as tf.Tensor);
        expect(Object.keys(fused)).toEqual(Object.keys(stock));
        for (const [name, values] of Object.entries(fused)) {
          expect(relativeDifference(values, stock[name]!), name).toBeLessThan(LAYER_TOLERANCE);
        }
      });
    });

    it.each(unfusable)('there are no fused kernels of $name', ({ make, shape = SHAPE }) => {
      const layer = make();
      tf.tidy(() => {
        layer.build(shape);
        expect(applyFused(layer, tf.zeros(shape))).toBeUndefined();
      });
      free(layer);
    });

    it.each([
      ['dropout', 1, POOLED, PLAIN],
      ['everything', 1, POOLED, EVERYTHING],
      ['everything', 5, POOLED, EVERYTHING],
      ['everything and kernels of 5, 2 and 1', 5, WINDOWS, EVERYTHING],
    ] as const)('agrees with the cpu backend with %s, after %i steps', async (_, steps, network, recipe) => {
      const found = train(network, recipe, steps);
      await tf.setBackend('cpu');
      const expected = train(network, recipe, steps);
      found.weights.forEach((values, i) => {
        expect(largestDifference(values, expected.weights[i]!), `weight ${i}`).toBeLessThan(
          TOLERANCES[steps]!,
        );
      });
      found.tallies.forEach(({ loss, correct }, i) => {
        const other = expected.tallies[i]!;
        expect(correct, `correct images of step ${i + 1}`).toBe(other.correct);
        expect(Math.abs(loss - other.loss) / DATA.test.count).toBeLessThan(LOSS_TOLERANCE);
      });
    });

    it('goes through the fused kernels, and takes no gradient of the images', () => {
      const backend = tf.backend() as unknown as Record<
        'executeSingleOutput' | 'executeMultipleOutputs',
        Call
      >;
      const calls = [vi.spyOn(backend, 'executeSingleOutput'), vi.spyOn(backend, 'executeMultipleOutputs')];
      train(POOLED, PLAIN, 1, { evaluate: false });
      const names = calls.flatMap((call) => call.mock.calls.map(([name]) => name));
      calls.forEach((call) => call.mockRestore());
      const count = (name: string) => names.filter((each) => each === name).length;
      const convolutions = POOLED.layers.filter(({ type }) => type === 'convolution').length;
      const norms = POOLED.layers.filter(({ type }) => type === 'batchNorm').length;
      expect({
        forward: count('FusedBatchNormV3'),
        backward: count('FusedBatchNormGradV3'),
        relu: count('ReluGrad'),
        filters: count('Conv2DBackpropFilter'),
        inputs: count('Conv2DBackpropInput'),
      }).toEqual({
        forward: norms,
        backward: norms,
        relu: norms,
        filters: convolutions,
        inputs: convolutions - 1,
      });
    });

    it('learns made-up digits through the same loop as WASM, to a record of its own', async () => {
      const backend = await selectBackend({ force: 'node' });
      const { record } = await run({ iteration: TINY, data: DIGITS, backend, seed: 1 });
      expect(record.epochs.at(-1)!.testCorrect).toBeGreaterThan(475);
      expect(record.epochs.at(-1)!.trainLoss).toBeLessThan(record.epochs[0]!.trainLoss / 2);
      expect(record).toMatchObject({
        backend: { name: 'tensorflow' },
        engine: { name: 'tfjs' },
        weights: { file: expect.stringMatching(/^9-tiny\.seed-1\.tensorflow\.[0-9a-f]{16}\.weights\.bin$/) },
      });
    });
  });
}

type Call = (name: string, ...rest: unknown[]) => unknown;

const SHAPE = [3, 6, 5, 4];

const layerCases: readonly {
  readonly name: string;
  readonly make: () => tfl.layers.Layer;
  /** Of the values: far from 0 a variance taken the careless way cancels, around 0 a ReLU has both signs. */
  readonly center?: number;
}[] = [
  { name: 'batch norm', make: () => tfl.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }) },
  { name: 'batch norm over axis 3', make: () => tfl.layers.batchNormalization({ axis: 3 }) },
  { name: 'ReLU', make: () => tfl.layers.reLU(), center: 0 },
  { name: 'a convolution, valid', make: () => conv({ padding: 'valid' }) },
  { name: 'a convolution, same', make: () => conv({ padding: 'same' }) },
  { name: 'a convolution, stride 2', make: () => conv({ strides: 2 }) },
];

const unfusable: readonly {
  readonly name: string;
  readonly make: () => tfl.layers.Layer;
  readonly shape?: number[];
}[] = [
  { name: 'a convolution with bias', make: () => conv({ useBias: true }) },
  { name: 'a convolution with ReLU', make: () => conv({ activation: 'relu' }) },
  { name: 'a convolution over channels first', make: () => conv({ dataFormat: 'channelsFirst' }) },
  { name: 'batch norm over axis 1', make: () => tfl.layers.batchNormalization({ axis: 1 }) },
  { name: 'batch norm without scale', make: () => tfl.layers.batchNormalization({ scale: false }) },
  { name: 'batch norm of vectors', make: () => tfl.layers.batchNormalization(), shape: [3, 4] },
  { name: 'ReLU with a ceiling', make: () => tfl.layers.reLU({ maxValue: 6 }) },
  { name: 'max pooling', make: () => tfl.layers.maxPooling2d({ poolSize: 2 }) },
];

function conv(options: Partial<Parameters<typeof tfl.layers.conv2d>[0]>): tfl.layers.Layer {
  return tfl.layers.conv2d({
    filters: 3,
    kernelSize: 3,
    useBias: false,
    kernelInitializer: 'zeros',
    ...options,
  });
}

/** Output of one layer with random weights on random values, the gradients of a weighted sum of it, and its weights afterwards. */
function outcome(
  layer: tfl.layers.Layer,
  center: number,
  apply: (layer: tfl.layers.Layer, x: tf.Tensor) => tf.Tensor,
): Record<string, Float32Array> {
  const found = tf.tidy(() => {
    const x = tf.variable(tf.add(tf.tensor(values(1, 360), SHAPE), center));
    layer.build(SHAPE);
    const weights = layer.weights.map(variableOf);
    weights.forEach((weight, i) => {
      weight.assign(tf.add(tf.tensor(values(2 + i, weight.size), weight.shape), 1.5));
    });
    let output: tf.Tensor | undefined;
    const { grads } = tf.variableGrads(() => {
      output = tf.keep(apply(layer, x));
      return tf.sum(tf.mul(output, tf.tensor(values(9, output.size), output.shape))) as tf.Scalar;
    }, [x, ...layer.trainableWeights.map(variableOf)]);
    const read = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync());
    const gradients = Object.values(grads).map((gradient, i) => [`gradient ${i}`, read(gradient)] as const);
    const after = weights.map((weight, i) => [`weight ${i}`, read(weight)] as const);
    const entries = [['output', read(output!)] as const, ...gradients, ...after];
    output!.dispose();
    x.dispose();
    return Object.fromEntries(entries);
  });
  free(layer);
  return found;
}

/** `layer.dispose()` is for layers of a model. */
function free(layer: tfl.layers.Layer): void {
  layer.weights.forEach((weight) => variableOf(weight).dispose());
}

interface Trained {
  readonly weights: readonly Float32Array[];
  readonly tallies: readonly Tally[];
}

/** The first steps of a run on the current backend, then all test images. */
function train(network: Network, recipe: Recipe, steps: number, { evaluate = true } = {}): Trained {
  const model = freshModel(network);
  const engine = createStockEngine({ model, recipe, seed: SEED, train: DATA.train });
  const tallies = takeSteps(engine, recipe, steps);
  if (evaluate) tallies.push(engine.evaluate(DATA.test));
  engine.writeWeights();
  engine.dispose();
  const weights = model.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
  model.dispose();
  return { weights, tallies };
}

function values(key: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 2 * uniform(keyOf(5, key), i) - 1);
}

function relativeDifference(found: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largestDifference(found, expected) / (largest || 1);
}

function largestDifference(found: Float32Array, expected: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}

function counts(): { tensors: number; data: number } {
  return { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
}
