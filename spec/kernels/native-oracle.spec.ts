import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { keyOf, Stream, uniform } from '../../src/random.ts';
import { filterGradient, ownFilterGradient } from '../support/cpu-filter-gradient.ts';

beforeAll(() => selectBackend({ force: 'cpu' }));

type Shape = readonly [number, number, number, number];

describe("the oracle's gradient of a filter", () => {
  it("is held against tfjs' own", () => expect(ownFilterGradient.name).toBe('conv2DBackpropFilter'));

  it.each([
    { image: [2, 7, 6, 3], filter: [3, 3, 3, 5], strides: 1, pad: 'same' },
    { image: [2, 7, 6, 3], filter: [3, 3, 3, 5], strides: 1, pad: 'valid' },
    { image: [3, 8, 9, 2], filter: [3, 2, 2, 1], strides: [2, 3], pad: 'same' },
    { image: [1, 9, 9, 4], filter: [5, 5, 4, 2], strides: 2, pad: 'valid' },
    { image: [2, 5, 5, 6], filter: [1, 1, 6, 4], strides: 1, pad: 'valid' },
  ] as const)(
    "is tfjs' own, to the bit: images of $image, filter of $filter, strides $strides, padding '$pad'",
    ({ image, filter, strides, pad }) => {
      const attrs = { strides, pad, dataFormat: 'NHWC', filterShape: filter };
      const found = tf.tidy(() => {
        const x = random(1, image);
        const dy = random(2, tf.conv2d(x, random(3, filter), strides as number, pad).shape as Shape);
        const args = { inputs: { x, dy }, attrs, backend: tf.backend() } as never;
        return [filterGradient(args), ownFilterGradient(args)].map((info) =>
          tf
            .engine()
            .makeTensorFromTensorInfo(info as tf.TensorInfo)
            .dataSync()
            .slice(),
        );
      });
      expect(found[0]).toEqual(found[1]);
    },
  );
});

function random(key: number, shape: Shape): tf.Tensor4D {
  const draws = keyOf(key, Stream.weights, 7);
  const size = shape.reduce((product, each) => product * each, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, (_, i) => 2 * uniform(draws, i) - 1),
    [...shape],
  );
}
