import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { variableOf } from '../../src/backend/tensorflow/layers.ts';
import { dilatedConvolution } from '../../src/engine/stock/dilation.ts';
import { trainingProblem } from '../../src/engine/stock/forward.ts';
import { uniform } from '../../src/random.ts';

beforeAll(() => selectBackend({ force: 'cpu' }));

const values = (size: number, key: number) =>
  Float32Array.from({ length: size }, (_, i) => uniform(key, i) - 0.5);
const image = () => tf.tensor4d(values(2 * 9 * 8 * 2, 1), [2, 9, 8, 2]);

const layers = {
  plain: (strides: number) =>
    tfl.layers.conv2d({
      filters: 3,
      kernelSize: 3,
      strides,
      dilationRate: 2,
      padding: 'same',
      activation: 'relu',
    }),
  oblong: (strides: number) =>
    tfl.layers.conv2d({ filters: 2, kernelSize: [2, 3], strides, dilationRate: [3, 2], padding: 'valid' }),
};

describe.each(['plain', 'oblong'] as const)('a %s convolution with dilation', (kind) => {
  it('is what tf.layers gives, and its kernel has the gradient of finite differences', () => {
    const layer = layers[kind](1);
    tf.tidy(() => {
      const x = image();
      const expected = (layer.apply(x) as tf.Tensor).dataSync();
      const found = dilatedConvolution(layer, x, true)!.dataSync();
      expect(found.length).toBe(expected.length);
      found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));

      const kernel = variableOf(layer.weights[0]!);
      const start = kernel.dataSync().slice();
      const loss = () => tf.sum(tf.square(dilatedConvolution(layer, x, true)!)) as tf.Scalar;
      const gradient = tf.variableGrads(loss, [kernel]).grads[kernel.name]!.dataSync();
      // The loss is a sum of squares behind a ReLU: a kink within the step moves the slope by less than the largest of them.
      const moved = (index: number, step: number) => {
        kernel.assign(tf.tensor(start.with(index, start[index]! + step), kernel.shape));
        return loss().dataSync()[0]!;
      };
      const largest = Math.max(...gradient.map(Math.abs));
      gradient.forEach((slope, i) => {
        const measured = (moved(i, 1e-2) - moved(i, -1e-2)) / 2e-2;
        expect(Math.abs(measured - slope)).toBeLessThan(1e-2 * largest);
      });
    });
  });

  it('may have a stride: every second row and column of what it is without', () => {
    const [strided, dense] = [layers[kind](2), layers[kind](1)];
    tf.tidy(() => {
      const x = image();
      dense.apply(x);
      strided.build(x.shape);
      strided.setWeights(dense.getWeights());
      const all = dilatedConvolution(dense, x, true)! as tf.Tensor4D;
      const found = dilatedConvolution(strided, x, false)! as tf.Tensor4D;
      // With padding 'same' the even width is padded by one less before it: only the rows are compared there.
      const picked = tf.stridedSlice(
        all,
        [0, 0, kind === 'plain' ? 1 : 0, 0],
        all.shape,
        [1, 2, 2, 1],
      ) as tf.Tensor4D;
      expect(found.shape).toEqual(picked.shape);
      const [a, b] = [found.dataSync(), picked.dataSync()];
      a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 5));
    });
  });
});

it('a separable convolution with dilation is refused before training, by the layer', () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.separableConv2d({
        name: 'wide',
        filters: 2,
        kernelSize: 3,
        dilationRate: 2,
        inputShape: [8, 8, 2],
      }),
    ],
  });
  expect(trainingProblem(model)).toContain('layer wide: tfjs has no gradient');
  model.dispose();
});
