import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findIteration } from '../../src/iterations/index.ts';
import { buildModel } from '../../src/model/build.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Network } from '../../src/model/layers.ts';
import { keyOf, permutation, uniform } from '../../src/random.ts';

/** Largest difference of a gradient from the cpu backend's, relative to the largest value. */
const TOLERANCE = 1e-4;
/** Central differences in float32: the step, and the largest difference relative to the scale of the derivative. */
const STEP = 1e-2;
const DIFFERENCE_TOLERANCE = 2e-3;

/** `spread`: all values differ by 0.1 or more and are negative, so that a small step never changes which is the largest. */
interface Input {
  readonly shape: number[];
  readonly values?: 'uniform' | 'spread';
}

interface Case {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** Why the cpu backend is no oracle for this case; finite differences still are. */
  readonly cpuFault?: string;
  /** What a backend by this name throws, as it cannot take this gradient. */
  readonly refusal?: readonly [backend: string, message: string];
}

/** Every case on the named backend, which must be selected in a `beforeAll` that comes first. */
export function describeGradients(backend: string): void {
  beforeEach(() => tf.setBackend(backend));
  let before = { tensors: 0, data: 0 };
  beforeEach(() => {
    before = counts();
  });
  afterEach(async () => {
    await tf.setBackend(backend);
    expect(counts(), 'tensors and buffers left behind').toEqual(before);
  });

  const [refused, computed] = [
    cases.filter(({ refusal }) => refusal?.[0] === backend),
    cases.filter(({ refusal }) => refusal?.[0] !== backend),
  ];
  for (const { name, inputs, run, refusal } of refused) {
    it(`the gradient of ${name} is refused, not wrong`, () => {
      expect(() => gradients(inputs, run)).toThrow(refusal![1]);
      // tfjs frees nothing when a gradient throws.
      before = counts();
    });
  }

  describe.each(computed)('the gradient of $name', ({ inputs, run, cpuFault }) => {
    const [agreement, verdict] = cpuFault
      ? (['differs from', 'toBeGreaterThan'] as const)
      : (['agrees with', 'toBeLessThan'] as const);
    it(`${agreement} the cpu backend${cpuFault ? `, which ${cpuFault}` : ''}`, async () => {
      const found = gradients(inputs, run);
      await tf.setBackend('cpu');
      const expected = gradients(inputs, run);
      await tf.setBackend(backend);
      for (const [i, gradient] of found.entries()) {
        // oxlint-disable-next-line vitest/valid-expect -- the matcher is chosen above
        expect(relativeDifference(gradient, expected[i]!), `input ${i}`)[verdict](TOLERANCE);
      }
    });

    it('agrees with finite differences', () => {
      const found = gradients(inputs, run);
      for (const [i, gradient] of found.entries()) {
        const direction = uniformValues(gradient.length, keyOf(77, i));
        const slope = dot(gradient, direction);
        const measured =
          (moved(inputs, run, i, direction, STEP) - moved(inputs, run, i, direction, -STEP)) / (2 * STEP);
        const scale = Math.sqrt(dot(gradient, gradient) * dot(direction, direction));
        expect(Math.abs(measured - slope) / scale, `input ${i}`).toBeLessThan(DIFFERENCE_TOLERANCE);
      }
    });
  });

  describe.each(models)('the gradient of a whole network, $name,', ({ network }) => {
    it('agrees with the cpu backend for every trainable weight', async () => {
      const found = modelGradients(network);
      await tf.setBackend('cpu');
      const expected = modelGradients(network);
      await tf.setBackend(backend);
      expect(Object.keys(found).length).toBeGreaterThan(12);
      for (const [name, gradient] of Object.entries(found)) {
        expect(relativeDifference(gradient, expected[name]!), name).toBeLessThan(TOLERANCE);
      }
    });
  });

  it('gives all of dy to the one largest value of a window that has none above 0', () => {
    const dx = tf.tidy(() => {
      const x = tf.tensor4d([-3, 0, -1, -2, -3, 0, -1, -2], [2, 2, 2, 1]);
      return tf
        .grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, 2, 2, 'valid'))(x)
        .dataSync();
    });
    expect([...dx]).toEqual([0, 1, 0, 0, 0, 1, 0, 0]);
  });

  it('gives all of dy to the first of equal values of a window, and adds up where windows overlap', () => {
    const dx = tf.tidy(() => {
      const x = tf.tensor4d([-1, -1, -1, -2, -1, -2, -1, -1, -1], [1, 3, 3, 1]);
      const dy = tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]);
      return tf
        .grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, 2, 1, 'valid'))(x, dy)
        .dataSync();
    });
    expect([...dx]).toEqual([1, 10, 0, 0, 1100, 0, 0, 0, 0]);
  });
}

const convolutions: readonly Case[] = [
  // batch, height, width, in, kernel height, kernel width, out, stride, padding
  [2, 6, 6, 3, 3, 3, 4, 1, 'valid'],
  [2, 6, 6, 3, 3, 3, 4, 1, 'same'],
  [1, 7, 5, 1, 3, 3, 2, 1, 'valid'],
  [1, 7, 5, 1, 3, 3, 2, 2, 'same'],
  [3, 8, 8, 3, 3, 3, 5, 2, 'valid'],
  [3, 8, 8, 3, 3, 3, 5, 2, 'same'],
  [2, 7, 7, 2, 3, 3, 3, 3, 'valid'],
  [2, 5, 5, 3, 1, 1, 4, 1, 'valid'],
  [2, 5, 5, 3, 1, 1, 4, 2, 'valid'],
  [2, 6, 6, 3, 2, 2, 4, 1, 'same'],
  [2, 7, 7, 3, 2, 2, 4, 2, 'valid'],
  [2, 9, 9, 1, 5, 5, 4, 1, 'valid'],
  [1, 9, 9, 3, 5, 5, 4, 2, 'same'],
  [2, 6, 9, 2, 2, 5, 3, 1, 'valid'],
  [1, 3, 3, 1, 3, 3, 1, 1, 'valid'],
].map((entry) => {
  const [b, h, w, c, kh, kw, out, stride, padding] = entry as [...number[], 'same' | 'valid'] as never as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    'same' | 'valid',
  ];
  return {
    name: `a convolution of [${b}, ${h}, ${w}, ${c}] with [${kh}, ${kw}, ${c}, ${out}], stride ${stride}, ${padding}`,
    inputs: [{ shape: [b, h, w, c] }, { shape: [kh, kw, c, out] }],
    run: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding),
  };
});

const explicitPadding: Case = {
  name: 'a convolution of [2, 5, 6, 2] with [3, 3, 2, 3], stride 1, padding 3 and 0 rows, 1 and 2 columns',
  inputs: [{ shape: [2, 5, 6, 2] }, { shape: [3, 3, 2, 3] }],
  run: (x, filter) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, [
      [0, 0],
      [3, 0],
      [1, 2],
      [0, 0],
    ]),
  refusal: ['tensorflow', "TF Backend supports only 'valid' and 'same' padding"],
};

const depthwise: readonly Case[] = (
  [
    [2, 6, 3, 3, 1, 1, 'valid'],
    [1, 7, 3, 3, 2, 2, 'same'],
    [2, 6, 1, 2, 3, 1, 'same'],
    [1, 8, 2, 5, 1, 2, 'valid'],
  ] as const
).map(([b, size, c, k, multiplier, stride, padding]) => ({
  name: `a depthwise convolution of [${b}, ${size}, ${size}, ${c}] with [${k}, ${k}, ${c}, ${multiplier}], stride ${stride}, ${padding}`,
  inputs: [{ shape: [b, size, size, c] }, { shape: [k, k, c, multiplier] }],
  run: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding),
}));

const pools: readonly Case[] = (
  [
    [2, 6, 3, 2, 2, 'valid'],
    [1, 7, 1, 2, 2, 'valid'],
    [1, 7, 3, 2, 2, 'same'],
    [2, 6, 2, 3, 1, 'same'],
    [1, 7, 2, 3, 2, 'valid'],
    [1, 5, 1, 1, 2, 'valid'],
  ] as const
).flatMap(([b, size, c, window, stride, padding]) => {
  const shape = [b, size, size, c];
  const cutAtBorder = padding === 'same';
  const title = `pooling of [${shape.join(', ')}], window ${window}, stride ${stride}, ${padding}`;
  return [
    {
      name: `max ${title}, all values negative`,
      inputs: [{ shape, values: 'spread' }],
      run: (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, window, stride, padding),
    },
    {
      name: `average ${title}`,
      inputs: [{ shape }],
      run: (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, window, stride, padding),
      ...(cutAtBorder ? { cpuFault: 'divides by the whole window where the border cuts it' } : {}),
    },
  ] satisfies Case[];
});

const labels = (classes: number, rows: number) =>
  tf.oneHot(
    tf.tensor1d(
      [...permutation(5, rows)].map((i) => i % classes),
      'int32',
    ),
    classes,
  );

/** What else networks of one's own are made of. */
const others: readonly Case[] = [
  {
    name: 'a dense layer [4, 6] x [6, 5] + [5]',
    inputs: [{ shape: [4, 6] }, { shape: [6, 5] }, { shape: [5] }],
    run: (x, w, b) => tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b!),
  },
  {
    name: 'softmax cross-entropy of [4, 10]',
    inputs: [{ shape: [4, 10] }],
    run: (x) => tf.losses.softmaxCrossEntropy(labels(10, 4), x!),
  },
  {
    name: 'softmax cross-entropy of [4, 10] with label smoothing 0.1',
    inputs: [{ shape: [4, 10] }],
    run: (x) => tf.losses.softmaxCrossEntropy(labels(10, 4), x!, undefined, 0.1),
  },
  {
    name: 'batch normalization of [3, 4, 4, 2] by its own moments',
    inputs: [{ shape: [3, 4, 4, 2] }, { shape: [2] }, { shape: [2] }],
    run: (x, offset, scale) => {
      const { mean, variance } = tf.moments(x!, [0, 1, 2]);
      return tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-5,
      );
    },
  },
  {
    name: 'a gather of 5 rows, some of them twice, from [4, 3]',
    inputs: [{ shape: [4, 3] }],
    run: (x) => tf.gather(x!, tf.tensor1d([3, 1, 1, 0, 3], 'int32')),
  },
  {
    name: 'a separable convolution of [1, 6, 6, 2], 3x3, to 4 channels',
    inputs: [{ shape: [1, 6, 6, 2] }, { shape: [3, 3, 2, 2] }, { shape: [1, 1, 4, 4] }],
    run: (x, d, p) => tf.separableConv2d(x as tf.Tensor4D, d as tf.Tensor4D, p as tf.Tensor4D, 1, 'valid'),
  },
  {
    name: 'a transposed convolution of [1, 4, 4, 2] with [3, 3, 3, 2], stride 2',
    inputs: [{ shape: [1, 4, 4, 2] }, { shape: [3, 3, 3, 2] }],
    run: (x, f) => tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [1, 9, 9, 3], 2, 'valid'),
  },
  {
    name: 'a global average of [2, 4, 4, 3]',
    inputs: [{ shape: [2, 4, 4, 3] }],
    run: (x) => tf.mean(x!, [1, 2]),
  },
  ...(['sigmoid', 'tanh', 'elu', 'selu', 'softplus', 'softmax', 'logSoftmax'] as const).map((name) => ({
    name: `${name} of [4, 6]`,
    inputs: [{ shape: [4, 6] }],
    run: (x: tf.Tensor | undefined) => tf[name](x!),
  })),
  // 'spread' has no value near 0, where these have a kink.
  ...(['relu', 'relu6', 'leakyRelu'] as const).map((name) => ({
    name: `${name} of [4, 6], both signs`,
    inputs: [{ shape: [4, 6], values: 'spread' as const }],
    run: (x: tf.Tensor | undefined) => tf[name](tf.add(x!, 1.25)),
  })),
];

const cases: readonly Case[] = [...convolutions, explicitPadding, ...depthwise, ...pools, ...others];

/** Dropout draws other numbers on every backend, so it is left out. */
const models = ['1', '6'].map(findIteration).map(({ id, network }) => ({
  name: `iteration ${id} without dropout`,
  network: { ...network, layers: network.layers.filter(({ type }) => type !== 'dropout') },
}));

function modelGradients(network: Network): Record<string, Float32Array> {
  const model = buildModel(network);
  const gradientsByName = tf.tidy(() => {
    model.setWeights(
      initialWeights(model, 1).map((values, i) => tf.tensor(values, model.weights[i]!.shape as number[])),
    );
    const shape = [4, ...network.input];
    const images = tf.tensor(uniformValues(4 * 28 * 28, 3), shape);
    const loss = () =>
      tf.losses.softmaxCrossEntropy(
        labels(10, 4),
        model.apply(images, { training: true }) as tf.Tensor,
      ) as tf.Scalar;
    const { grads } = tf.variableGrads(loss);
    return model.trainableWeights.map((weight) => {
      const variable = weight.read() as tf.Variable;
      return [weight.originalName, grads[variable.name]!.dataSync() as Float32Array] as const;
    });
  });
  model.dispose();
  return Object.fromEntries(gradientsByName);
}

/** Gradients of sum(run(inputs) x weights) with fixed random weights, for every input. */
function gradients(inputs: readonly Input[], run: Case['run']): Float32Array[] {
  return tf.tidy(() => {
    const tensors = inputs.map(tensorOf);
    const output = run(...tensors);
    const weights = tf.tensor(outputWeights(output.size), output.shape);
    return tf
      .grads(run)(tensors, weights)
      .map((gradient) => gradient.dataSync() as Float32Array);
  });
}

/** sum(run(inputs) x weights) with input `which` moved by `step` x `direction`. */
function moved(
  inputs: readonly Input[],
  run: Case['run'],
  which: number,
  direction: Float32Array,
  step: number,
): number {
  return tf.tidy(() => {
    const tensors = inputs.map((input, i) => {
      const tensor = tensorOf(input, i);
      return i === which
        ? tf.add(
            tensor,
            tf.tensor(
              direction.map((d) => d * step),
              tensor.shape,
            ),
          )
        : tensor;
    });
    const output = run(...tensors);
    return dot(output.dataSync() as Float32Array, outputWeights(output.size));
  });
}

function tensorOf({ shape, values }: Input, index: number): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  if (values !== 'spread') return tf.tensor(uniformValues(size, keyOf(9, index)), shape);
  return tf.tensor(
    Float32Array.from(permutation(keyOf(9, index), size), (rank) => -0.1 * (rank + 1)),
    shape,
  );
}

function outputWeights(size: number): Float32Array {
  return uniformValues(size, 4);
}

function uniformValues(length: number, key: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 2 * uniform(key, i) - 1);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function relativeDifference(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return found.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i]!)), 0) / (largest || 1);
}

/** The engine's tensors, and the backend's buffers, which the engine does not see inside a kernel. */
function counts(): { tensors: number; data: number } {
  return { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
}
