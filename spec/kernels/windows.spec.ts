import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { uniform } from '../../src/random.ts';

/** Every window over every small image: what the backends compute against sums over all pixels, written down here once. */

const TOLERANCE = 2e-5;
const KERNELS = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [3, 1],
  [2, 5],
] as const;
const STRIDES = [1, 2, 3, 4] as const;
const PADDINGS = ['valid', 'same'] as const;
/** Batch, height, width. */
const SIZES = [
  [1, 7, 7],
  [3, 8, 5],
  [1, 9, 10],
] as const;

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: 'valid' | 'same';
  readonly size: readonly [number, number, number];
}

const windows: readonly Window[] = SIZES.flatMap((size) =>
  KERNELS.flatMap((kernel) =>
    STRIDES.flatMap((stride) => PADDINGS.map((padding) => ({ kernel, stride, padding, size }))),
  ),
).filter(({ kernel, size }) => kernel[0] <= size[1] && kernel[1] <= size[2]);

const ofStride = (stride: number) => windows.filter((each) => each.stride === stride);

/** [output, first input] of one axis by the documentation of TensorFlow: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2 */
function axis(
  size: number,
  kernel: number,
  stride: number,
  padding: 'valid' | 'same',
): readonly [number, number] {
  if (padding === 'valid') return [Math.floor((size - kernel) / stride) + 1, 0];
  const outputs = Math.ceil(size / stride);
  return [outputs, -Math.floor(Math.max(0, (outputs - 1) * stride + kernel - size) / 2)];
}

type Visit = (image: number, output: number, input: number, tap: number) => void;

/** Output shape; calls `visit` for each pixel that each output pixel sees; positions without channels. */
function walk({ kernel, stride, padding, size }: Window, visit: Visit): [number, number, number] {
  const [batch, height, width] = size;
  const [rows, top] = axis(height, kernel[0], stride, padding);
  const [columns, left] = axis(width, kernel[1], stride, padding);
  for (let b = 0; b < batch; b++) {
    for (let oy = 0; oy < rows; oy++) {
      for (let ox = 0; ox < columns; ox++) {
        for (let ky = 0; ky < kernel[0]; ky++) {
          for (let kx = 0; kx < kernel[1]; kx++) {
            const [y, x] = [top + oy * stride + ky, left + ox * stride + kx];
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            visit(b, (b * rows + oy) * columns + ox, (b * height + y) * width + x, ky * kernel[1] + kx);
          }
        }
      }
    }
  }
  return [batch, rows, columns];
}

const values = (shape: readonly number[], key: number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => uniform(key, i) - 0.5);

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < found.length; i++) worst = Math.max(worst, Math.abs(found[i]! - expected[i]!) || 0);
  expect(Array.from(found).every(Number.isFinite), `${what} is finite`).toBe(true);
  expect(worst, what).toBeLessThan(TOLERANCE);
}

const CHANNELS = 2;
const FILTERS = 3;
const titleOf = ({ kernel, stride, padding, size }: Window) =>
  `${size} by ${kernel}, stride ${stride}, ${padding}`;

/** Convolution, plain or depthwise, its two gradients, and the fused form. */
function expectConvolution(window: Window, isDepthwise: boolean): void {
  const outputs = isDepthwise ? CHANNELS : FILTERS;
  const xShape = [...window.size, CHANNELS] as [number, number, number, number];
  const fShape = [...window.kernel, CHANNELS, isDepthwise ? 1 : FILTERS] as [number, number, number, number];
  const [x, f] = [values(xShape, 1), values(fShape, 2)];
  const [batch, rows, columns] = walk(window, () => undefined);
  const yShape = [batch, rows, columns, outputs] as [number, number, number, number];
  const dy = values(yShape, 3);
  const y = new Float64Array(dy.length);
  const dx = new Float64Array(x.length);
  const df = new Float64Array(f.length);
  walk(window, (_, output, input, tap) => {
    for (let c = 0; c < CHANNELS; c++) {
      for (let o = 0; o < (isDepthwise ? 1 : FILTERS); o++) {
        const to = output * outputs + (isDepthwise ? c : o);
        const [from, by] = [input * CHANNELS + c, (tap * CHANNELS + c) * (isDepthwise ? 1 : FILTERS) + o];
        y[to]! += x[from]! * f[by]!;
        dx[from]! += dy[to]! * f[by]!;
        df[by]! += dy[to]! * x[from]!;
      }
    }
  });
  const title = `${isDepthwise ? 'depthwise ' : ''}${titleOf(window)}`;
  const bias = [0.25, -0.25, 0.5].slice(0, outputs);
  tf.tidy(() => {
    const run = (a: tf.Tensor, b: tf.Tensor) =>
      (isDepthwise ? tf.depthwiseConv2d : tf.conv2d)(
        a as tf.Tensor4D,
        b as tf.Tensor4D,
        window.stride,
        window.padding,
      );
    const [xt, ft, dyt] = [tf.tensor4d(x, xShape), tf.tensor4d(f, fShape), tf.tensor4d(dy, yShape)];
    expectClose(run(xt, ft).dataSync(), y, title);
    const [dxt, dft] = tf.grads(run)([xt, ft], dyt);
    expectClose(dxt!.dataSync(), dx, `input gradient of ${title}`);
    expectClose(dft!.dataSync(), df, `filter gradient of ${title}`);
    const fused = (isDepthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d)({
      x: xt,
      filter: ft,
      strides: window.stride,
      pad: window.padding,
      bias: tf.tensor1d(bias),
      activation: 'relu',
    });
    expectClose(
      fused.dataSync(),
      y.map((value, i) => Math.max(0, value + bias[i % outputs]!)),
      `fused ${title}`,
    );
  });
}

function expectPools(window: Window): void {
  const shape = [...window.size, CHANNELS] as [number, number, number, number];
  const x = values(shape, 4);
  const [batch, rows, columns] = walk(window, () => undefined);
  const yShape = [batch, rows, columns, CHANNELS] as [number, number, number, number];
  const dy = values(yShape, 5);
  const seen: number[][] = Array.from({ length: dy.length }, () => []);
  walk(window, (_, output, input) => {
    for (let c = 0; c < CHANNELS; c++) seen[output * CHANNELS + c]!.push(input * CHANNELS + c);
  });
  const [largest, mean] = [new Float64Array(dy.length), new Float64Array(dy.length)];
  const [dLargest, dMean] = [new Float64Array(x.length), new Float64Array(x.length)];
  seen.forEach((inputs, output) => {
    const best = inputs.reduce((a, b) => (x[b]! > x[a]! ? b : a));
    largest[output] = x[best]!;
    dLargest[best]! += dy[output]!;
    for (const input of inputs) {
      mean[output]! += x[input]! / inputs.length;
      dMean[input]! += dy[output]! / inputs.length;
    }
  });
  tf.tidy(() => {
    const [xt, dyt] = [tf.tensor4d(x, shape), tf.tensor4d(dy, yShape)];
    for (const [name, pool, y, dx] of [
      ['max', tf.maxPool, largest, dLargest],
      ['average', tf.avgPool, mean, dMean],
    ] as const) {
      const run = (a: tf.Tensor) => pool(a as tf.Tensor4D, [...window.kernel], window.stride, window.padding);
      expectClose(run(xt).dataSync(), y, `${name} pool ${titleOf(window)}`);
      expectClose(tf.grad(run)(xt, dyt).dataSync(), dx, `gradient of ${name} pool ${titleOf(window)}`);
    }
  });
}

/** Sizes before and after. */
const RESIZES = [
  [3, 4, 6, 8],
  [3, 4, 7, 5],
  [5, 2, 3, 9],
  [1, 1, 4, 3],
  [4, 6, 10, 15],
] as const;

function expectResize(height: number, width: number, outHeight: number, outWidth: number): void {
  const shape = [2, height, width, CHANNELS] as [number, number, number, number];
  const dy = values([2, outHeight, outWidth, CHANNELS], 6);
  const dx = new Float64Array(2 * height * width * CHANNELS);
  dy.forEach((value, i) => {
    const c = i % CHANNELS;
    const [b, y, x] = [
      Math.floor(i / CHANNELS / outWidth / outHeight),
      Math.floor(i / CHANNELS / outWidth) % outHeight,
      Math.floor(i / CHANNELS) % outWidth,
    ];
    const from =
      (b * height + Math.floor((y * height) / outHeight)) * width + Math.floor((x * width) / outWidth);
    dx[from * CHANNELS + c]! += value;
  });
  tf.tidy(() => {
    const run = (a: tf.Tensor) => tf.image.resizeNearestNeighbor(a as tf.Tensor4D, [outHeight, outWidth]);
    const found = tf.grad(run)(
      tf.tensor4d(values(shape, 7), shape),
      tf.tensor4d(dy, [2, outHeight, outWidth, CHANNELS]),
    );
    expectClose(found.dataSync(), dx, `gradient of resizing ${height}x${width} to ${outHeight}x${outWidth}`);
  });
}

describe.each(['wasm', 'cpu'] as const)('on the %s backend', (backend) => {
  beforeAll(async () => {
    await selectBackend({ force: backend });
  });

  it.each(STRIDES)(
    'all convolutions of stride %i, fused ones and gradients are the sums that define them',
    (stride) => {
      ofStride(stride).forEach((window) => expectConvolution(window, false));
    },
  );

  it.each(STRIDES)(
    'all depthwise convolutions of stride %i, fused ones and gradients are the sums that define them',
    (stride) => {
      ofStride(stride).forEach((window) => expectConvolution(window, true));
    },
  );

  it.each(STRIDES)('all poolings of stride %i and their gradients are what defines them', (stride) => {
    ofStride(stride).forEach((window) => expectPools(window));
  });

  it.each(RESIZES)('the gradient of resizing %i x %i to %i x %i by the nearest pixel is', (...sizes) =>
    expectResize(...sizes),
  );
});

describe('on the WASM backend', () => {
  beforeAll(() => selectBackend({ force: 'wasm' }));

  it("takes a depthwise layer of tf.layers with padding 'same' and a stride", () => {
    const layer = tfl.layers.depthwiseConv2d({
      kernelSize: 3,
      strides: 4,
      padding: 'same',
      depthwiseInitializer: 'ones',
    });
    const sum = tf.tidy(() => tf.sum(layer.apply(tf.ones([1, 28, 28, 1])) as tf.Tensor).dataSync()[0]);
    layer.dispose();
    expect(sum).toBe(441);
  });

  it("sums 28x28 ones by a 3x3 kernel of ones, stride 4 and padding 'same', to 441", () => {
    const sum = tf.tidy(() => {
      const y = tf.conv2d(
        tf.ones([1, 28, 28, 1]) as tf.Tensor4D,
        tf.ones([3, 3, 1, 1]) as tf.Tensor4D,
        4,
        'same',
      );
      return tf.sum(y).dataSync()[0];
    });
    expect(sum).toBe(441);
  });
});
