import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerNaive, registerTrainingKernels, restoreStockKernels } from '../../src/backend/register.ts';
import { selectBackend } from '../../src/backend/select.ts';
import { describeGradients } from './kernels.cases.ts';

beforeAll(() => selectBackend({ force: 'wasm' }));

describe('on the WASM backend', () => {
  describeGradients('wasm');
});

describe('on the WASM backend with the naive kernels', () => {
  beforeAll(() => registerNaive());
  afterAll(() => registerTrainingKernels());
  describeGradients('wasm');
});

describe('the stock kernels', () => {
  beforeAll(() => restoreStockKernels());
  afterAll(() => registerTrainingKernels());

  it('still lack the filter gradient of a convolution', () => {
    expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();
  });

  it('still lose the gradient of a max pooling window that has no value above 0', () => {
    const dx = tf.tidy(() => {
      const x = tf.tensor4d([-3, 0, -1, -2], [1, 2, 2, 1]);
      return tf
        .grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, 2, 2, 'valid'))(x)
        .dataSync();
    });
    expect([...dx]).not.toEqual([0, 1, 0, 0]);
  });
});

// Conv2D's own gradient takes no dilation in tfjs, but the depthwise kernels do; here they are called by themselves.
describe('the depthwise gradient kernels with dilation 2', () => {
  const strides = 1;
  const values = (length: number, seed: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(seed + i * 1.7));
  const image = () => tf.tensor4d(values(98, 1), [1, 7, 7, 2]);
  const filter = () => tf.tensor4d(values(18, 2), [3, 3, 2, 1]);
  const product = (x: tf.Tensor, dy: tf.Tensor) => tf.sum(tf.mul(x, dy)).dataSync()[0]!;

  const call = (name: string, inputs: Record<string, tf.Tensor>, shape: Record<string, number[]>) =>
    tf.engine().runKernel(name, inputs, { strides, pad: 'same', dilations: 2, ...shape }) as tf.Tensor;

  // The convolution is linear in both of its inputs: <conv(x, f), dy> = <x, gradient of x> = <f, gradient of f>.
  it('agree with the convolution that they are the gradients of', () => {
    tf.tidy(() => {
      const dy = tf.tensor4d(values(98, 3), [1, 7, 7, 2]);
      const forward = product(tf.depthwiseConv2d(image(), filter(), strides, 'same', 'NHWC', 2), dy);
      const dx = call(
        'DepthwiseConv2dNativeBackpropInput',
        { dy, filter: filter() },
        { inputShape: [1, 7, 7, 2] },
      );
      const df = call(
        'DepthwiseConv2dNativeBackpropFilter',
        { x: image(), dy },
        { filterShape: [3, 3, 2, 1] },
      );
      expect(product(image(), dx)).toBeCloseTo(forward, 3);
      expect(product(filter(), df)).toBeCloseTo(forward, 3);
    });
  });
});
