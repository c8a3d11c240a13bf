import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build.ts';
import type { Layer } from '../../src/model/layers.ts';

beforeAll(() => tf.setBackend('cpu'));

const [ROWS, COLUMNS, CHANNELS] = [5, 4, 4] as const;
const IMAGES = 2;

/** A map of one image, by row, column and channel; what lies outside is asked for, too. */
type Pixel = (y: number, x: number, c: number) => number;
type Weight = (name: number, ...index: number[]) => number;

/** What a layer must give at a place, worked out in plain loops from its definition. */
const oracles: readonly [string, Layer, (pixel: Pixel, weight: Weight) => Pixel][] = [
  [
    'group norm',
    { type: 'groupNorm', groups: 2 },
    (pixel, weight) => (y, x, c) => {
      const group = Math.floor(c / 2);
      return (
        normal(
          pixel(y, x, c),
          over((v, u) => [2 * group, 2 * group + 1].map((k) => pixel(v, u, k))),
        ) *
          weight(0, c) +
        weight(1, c)
      );
    },
  ],
  [
    'instance norm',
    { type: 'instanceNorm' },
    (pixel) => (y, x, c) =>
      normal(
        pixel(y, x, c),
        over((v, u) => [pixel(v, u, c)]),
      ),
  ],
  [
    'layer norm over the image',
    { type: 'layerNorm', over: 'image' },
    (pixel, weight) => (y, x, c) =>
      normal(
        pixel(y, x, c),
        over((v, u) => channels((k) => pixel(v, u, k))),
      ) *
        weight(0, y, x, c) +
      weight(1, y, x, c),
  ],
  [
    'layer norm over the channels',
    { type: 'layerNorm' },
    (pixel, weight) => (y, x, c) =>
      normal(
        pixel(y, x, c),
        channels((k) => pixel(y, x, k)),
      ) *
        weight(0, c) +
      weight(1, c),
  ],
  [
    'padding by the border',
    {
      type: 'padding',
      padding: [
        [2, 1],
        [0, 3],
      ],
      mode: 'replicate',
    },
    (pixel) => (y, x, c) => pixel(clamp(y - 2, ROWS), clamp(x, COLUMNS), c),
  ],
  [
    'padding by a mirror',
    {
      type: 'padding',
      padding: [
        [2, 1],
        [0, 3],
      ],
      mode: 'reflect',
    },
    (pixel) => (y, x, c) => pixel(mirror(y - 2, ROWS), mirror(x, COLUMNS), c),
  ],
  [
    'a grouped, strided and dilated convolution with bias and its own padding',
    {
      type: 'convolution',
      filters: 6,
      groups: 2,
      kernel: [3, 2],
      stride: [1, 2],
      dilation: [2, 1],
      padding: [
        [2, 1],
        [1, 0],
      ],
      bias: true,
    },
    (pixel, weight) => (y, x, f) => {
      let sum = weight(1, f);
      const first = 2 * Math.floor(f / 3);
      for (let v = 0; v < 3; v++) {
        for (let u = 0; u < 2; u++) {
          for (let k = 0; k < 2; k++)
            sum += zero(pixel)(y - 2 + 2 * v, 2 * x - 1 + u, first + k) * weight(0, v, u, k, f);
        }
      }
      return sum;
    },
  ],
  [
    'a depthwise convolution with dilation',
    { type: 'convolution', filters: 4, groups: 4, kernel: 2, dilation: 2 },
    (pixel, weight) => (y, x, c) =>
      [0, 1]
        .flatMap((v) => [0, 1].map((u) => pixel(y + 2 * v, x + 2 * u, c) * weight(0, v, u, c, 0)))
        .reduce((sum, value) => sum + value, 0),
  ],
  [
    'a convolution with stride and dilation',
    { type: 'convolution', filters: 1, kernel: [2, 1], stride: 2, dilation: [3, 2] },
    (pixel, weight) => (y, x) =>
      [0, 1]
        .flatMap((v) => channels((k) => pixel(2 * y + 3 * v, 2 * x, k) * weight(0, v, 0, k, 0)))
        .reduce((sum, value) => sum + value, 0),
  ],
  [
    'a depthwise convolution of two filters a channel, mirrored',
    { type: 'convolution', filters: 8, groups: 4, kernel: 3, padding: 1, paddingMode: 'reflect' },
    (pixel, weight) => (y, x, f) => {
      let sum = 0;
      for (let v = 0; v < 3; v++) {
        for (let u = 0; u < 3; u++) {
          const at = pixel(mirror(y - 1 + v, ROWS), mirror(x - 1 + u, COLUMNS), Math.floor(f / 2));
          sum += at * weight(0, v, u, Math.floor(f / 2), f % 2);
        }
      }
      return sum;
    },
  ],
  [
    'a max pooling whose padding never wins',
    { type: 'maxPool', size: [3, 2], stride: [2, 1], padding: [1, 1] },
    (pixel) => (y, x, c) =>
      Math.max(
        ...[0, 1, 2].flatMap((v) => [0, 1].map((u) => inside(pixel, -Infinity)(2 * y - 1 + v, x - 1 + u, c))),
      ),
  ],
  [
    'an average pooling whose zeros count',
    { type: 'averagePool', size: 3, stride: 2, padding: 1 },
    (pixel) => (y, x, c) =>
      [0, 1, 2]
        .flatMap((v) => [0, 1, 2].map((u) => zero(pixel)(2 * y - 1 + v, 2 * x - 1 + u, c)))
        .reduce((sum, value) => sum + value / 9, 0),
  ],
  ['ReLU6', { type: 'relu', max: 6 }, (pixel) => (y, x, c) => Math.min(6, Math.max(0, pixel(y, x, c)))],
  ['leaky ReLU', { type: 'leakyRelu', slope: 0.1 }, (pixel) => (y, x, c) => leaky(pixel(y, x, c), 0.1)],
  [
    'PReLU, a slope a channel',
    { type: 'prelu' },
    (pixel, weight) => (y, x, c) => leaky(pixel(y, x, c), weight(0, 0, 0, c)),
  ],
  [
    'PReLU, one slope',
    { type: 'prelu', slopes: 'one' },
    (pixel, weight) => (y, x, c) => leaky(pixel(y, x, c), weight(0, 0, 0, 0)),
  ],
  [
    'hard swish',
    { type: 'activation', function: 'hardSwish' },
    (pixel) => (y, x, c) => (pixel(y, x, c) * Math.min(6, Math.max(0, pixel(y, x, c) + 3))) / 6,
  ],
  [
    'hard tanh',
    { type: 'activation', function: 'hardTanh' },
    (pixel) => (y, x, c) => Math.min(1, Math.max(-1, pixel(y, x, c))),
  ],
  [
    'log-sigmoid',
    { type: 'activation', function: 'logSigmoid' },
    (pixel) => (y, x, c) => -Math.log(1 + Math.exp(-pixel(y, x, c))),
  ],
  [
    'log-softmax',
    { type: 'logSoftmax' },
    (pixel) => (y, x, c) =>
      pixel(y, x, c) -
      Math.log(channels((k) => Math.exp(pixel(y, x, k))).reduce((sum, value) => sum + value, 0)),
  ],
];

describe('the stock layers of an op', () => {
  it.each(oracles)('give what its definition gives, place by place: %s', (_, layer, oracle) => {
    const { model, shape, found, x } = run(layer);
    const weights = model.getWeights().map((weight) => weight.bufferSync());
    const weight: Weight = (name, ...index) => Number(weights[name]!.get(...index));
    for (let image = 0; image < IMAGES; image++) {
      const expected = oracle((v, u, c) => x[((image * ROWS + v) * COLUMNS + u) * CHANNELS + c]!, weight);
      for (let i = 0; i < found.length / IMAGES; i++) {
        const [y, u, c] = [
          Math.floor(i / shape[2]! / shape[1]!),
          Math.floor(i / shape[2]!) % shape[1]!,
          i % shape[2]!,
        ] as const;
        expect(found[(image * found.length) / IMAGES + i], `${y}, ${u}, ${c}`).toBeCloseTo(
          expected(y, u, c),
          4,
        );
      }
    }
    model.dispose();
  });

  it.each(oracles)('have the gradient that finite differences have, by image and weights: %s', (_, layer) => {
    const { model } = run(layer);
    const image = tf.randomUniform([IMAGES, ROWS, COLUMNS, CHANNELS], -8, 8, 'float32', 11) as tf.Tensor4D;
    const output = model.apply(image) as tf.Tensor;
    const direction = tf.randomNormal(output.shape, 0, 1, 'float32', 12);
    const valueAt = (x: tf.Tensor) => tf.sum(tf.mul(model.apply(x) as tf.Tensor, direction)).dataSync()[0]!;
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      tf.sum(tf.mul(model.apply(x) as tf.Tensor, direction)),
    )(image);
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    const gradient = grad.dataSync();
    const bytes = image.dataSync();
    for (let i = 0; i < bytes.length; i += 13) {
      const moved = (by: number) =>
        tf.tidy(() =>
          valueAt(
            tf.tensor4d(
              Float32Array.from(bytes, (each, j) => (i === j ? each + by : each)),
              image.shape,
            ),
          ),
        );
      const difference = (moved(STEP) - moved(-STEP)) / (2 * STEP);
      expect(Math.abs(difference - gradient[i]!), `element ${i}: ${difference}, ${gradient[i]}`).toBeLessThan(
        0.02 * Math.max(1, Math.abs(difference)),
      );
    }
    tf.dispose([image, output, direction, value, grad]);
    model.dispose();
  });

  it('flatten in the order of PyTorch where that is asked for', () => {
    const { model, found, x } = run({ type: 'flatten', order: 'channelsFirst' });
    const expected = [];
    for (let image = 0; image < IMAGES; image++) {
      for (let c = 0; c < CHANNELS; c++) {
        for (let i = 0; i < ROWS * COLUMNS; i++)
          expected.push(x[(image * ROWS * COLUMNS + i) * CHANNELS + c]!);
      }
    }
    expect([...found]).toEqual(expected);
    model.dispose();
  });

  it('normalize a batch without gamma and beta, and remember its statistics', () => {
    const { model, x } = run({ type: 'batchNorm', scale: false, center: false, momentum: 0.75 });
    expect(model.trainableWeights).toEqual([]);
    const image = tf.tensor4d(x, [IMAGES, ROWS, COLUMNS, CHANNELS]);
    const output = model.apply(image, { training: true }) as tf.Tensor;
    const found = output.dataSync();
    const first = Array.from({ length: x.length / CHANNELS }, (_, i) => x[i * CHANNELS]!);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(found[0]).toBeCloseTo(normal(x[0]!, first), 4);
    // Moving statistics were 1 and 2.
    expect(model.getWeights()[0]!.dataSync()[0]).toBeCloseTo(0.75 * weightAt(0, 0) + 0.25 * mean, 4);
    tf.dispose([image, output]);
    model.dispose();
  });

  it.each(['dropout', 'spatialDropout'] as const)('drop in training and not else: %s', (type) => {
    const { model, found, x } = run({ type, rate: 0.5 });
    expect(found).toEqual(x);
    const image = tf.ones([IMAGES, ROWS, COLUMNS, CHANNELS]);
    const output = tf.reshape(model.apply(image, { training: true }) as tf.Tensor, [
      IMAGES,
      ROWS * COLUMNS,
      CHANNELS,
    ]);
    const values = new Set(output.dataSync());
    expect([...values].toSorted()).toEqual([0, 2]);
    const isWhole = tf.equal(tf.max(output, 1), tf.min(output, 1)).dataSync().every(Boolean);
    expect(isWhole).toBe(type === 'spatialDropout');
    tf.dispose([image, output]);
    model.dispose();
  });
});

const STEP = 0.02;

function run(layer: Layer): { model: LayersModel; shape: number[]; found: Float32Array; x: Float32Array } {
  const model = buildModel({
    input: [ROWS, COLUMNS, CHANNELS],
    layers: layer.type === 'flatten' ? [layer] : [layer, { type: 'flatten' }],
  });
  const x = tf.randomUniform([IMAGES, ROWS, COLUMNS, CHANNELS], -8, 8, 'float32', 4);
  const found = tf.tidy(() => {
    model.setWeights(model.weights.map(({ shape }, name) => filled(shape as number[], name)));
    return model.apply(x) as tf.Tensor;
  });
  const shape = (model.layers.at(-1)!.input as SymbolicTensor).shape.slice(1) as number[];
  const values = [found, x].map((tensor) => Float32Array.from(tensor.dataSync()));
  tf.dispose([found, x]);
  return { model, shape, found: values[0]!, x: values[1]! };
}

function filled(shape: number[], name: number): tf.Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(
    Float32Array.from({ length }, (_, i) => weightAt(name, i)),
    shape,
  );
}

/** Between 0.5 and 1.5: moving variances must be positive. */
function weightAt(name: number, i: number): number {
  return 0.5 + ((i * 7 + name * 3) % 11) / 11;
}

/** The values of all places. */
function over(values: (y: number, x: number) => number[]): number[] {
  return Array.from({ length: ROWS * COLUMNS }, (_, i) =>
    values(Math.floor(i / COLUMNS), i % COLUMNS),
  ).flat();
}

function channels(value: (c: number) => number): number[] {
  return Array.from({ length: CHANNELS }, (_, c) => value(c));
}

function normal(value: number, all: readonly number[]): number {
  const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
  const variance = all.reduce((sum, each) => sum + (each - mean) ** 2, 0) / all.length;
  const epsilon = 1e-5;
  return (value - mean) / Math.sqrt(variance + epsilon);
}

function inside(pixel: Pixel, otherwise: number): Pixel {
  return (y, x, c) => (y >= 0 && y < ROWS && x >= 0 && x < COLUMNS ? pixel(y, x, c) : otherwise);
}

function zero(pixel: Pixel): Pixel {
  return inside(pixel, 0);
}

function clamp(at: number, size: number): number {
  return Math.min(size - 1, Math.max(0, at));
}

function mirror(at: number, size: number): number {
  if (at < 0) return -at;
  return at < size ? at : 2 * (size - 1) - at;
}

function leaky(value: number, slope: number): number {
  return value > 0 ? value : slope * value;
}
