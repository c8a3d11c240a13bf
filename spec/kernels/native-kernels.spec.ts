import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, createBench, expectClose, LANES, onCpu, type Shape4, values } from './native-lanes.ts';

let bench: Bench;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.checkGuards());

/** Live images, height, width, classes, label smoothing, images in the whole batch. */
const losses: readonly (readonly [number, number, number, number, number, number])[] = [
  [1, 1, 1, 2, 0, 1],
  [8, 1, 1, 10, 0, 8],
  [5, 1, 1, 10, 0.1, 21],
  [3, 1, 1, 3, 0.5, 64],
  [7, 1, 1, 20, 0, 7],
];

describe.each(losses)(
  'the loss of %i images of %ix%i with %i classes, smoothing %f, in a batch of %i',
  (live, height, width, classes, smoothing, batch) => {
    const shape: Shape4 = [live, height, width, classes];
    const z = values(shape, 31).map((value) => 8 * value);
    const labels = Array.from({ length: LANES }, (_, i) => (i * 7) % classes);

    const logitsOf = (x: tf.Tensor) => tf.reshape(x, [live, classes]);
    const batchLoss = (x: tf.Tensor) => {
      const target = tf.oneHot(
        labels.slice(0, live),
        classes,
        1 - smoothing + smoothing / classes,
        smoothing / classes,
      );
      return tf.div(tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logitsOf(x) as tf.Tensor2D)))), batch);
    };

    it('agrees with the cpu backend: predictions, loss, correct images and gradient', () => {
      const { predictions, tally, gradient } = loss(z, shape, labels, smoothing, batch);
      const [expected, total, slope] = onCpu(() => {
        const x = tf.tensor4d(z, [...shape]);
        return [logitsOf(x), tf.mul(batchLoss(x), batch), tf.grad(batchLoss)(x)];
      });
      expect(predictions).toEqual(predictions.map((_, i) => argMax(expected!, i, classes)));
      expectClose([tally[0]!], total!, 'loss');
      expectClose(gradient, slope!, 'gradient');
      expect(tally[1]).toBe(
        labels.slice(0, live).filter((label, i) => label === argMax(expected!, i, classes)).length,
      );
    });

    it('has the slope of its own loss, by finite differences', () => {
      const { gradient } = loss(z, shape, labels, smoothing, batch);
      const direction = values(shape, 32);
      const at = (step: number) =>
        loss(
          z.map((value, i) => value + step * direction[i]!),
          shape,
          labels,
          smoothing,
          batch,
        ).tally[0]! / batch;
      const step = 1 / 64;
      const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect((at(step) - at(-step)) / (2 * step)).toBeCloseTo(slope, 3);
    });
  },
);

describe('the loss', () => {
  it('is log 4 for four equal logits, and the first class is the prediction: worked by hand', () => {
    const shape: Shape4 = [2, 1, 1, 4];
    const { tally, gradient } = loss([3, 3, 3, 3, 5, 5, 5, 5], shape, [0, 2, 0, 0, 0, 0, 0, 0], 0, 2);
    expect(tally[0]).toBeCloseTo(2 * Math.log(4), 12);
    expect(tally[1]).toBe(1);
    expect([...gradient]).toEqual([-0.375, 0.125, 0.125, 0.125, 0.125, 0.125, -0.375, 0.125]);
  });

  it('stays finite where logits are far apart', () => {
    const { tally, gradient } = loss([500, -500], [1, 1, 1, 2], [1, 0, 0, 0, 0, 0, 0, 0], 0, 1);
    expect(tally[0]).toBe(1000);
    expect([...gradient]).toEqual([1, -1]);
  });

  it('adds to the tally and writes no gradient in evaluation', () => {
    const z = bench.putBlock([1, 2], [1, 1, 1, 2]);
    const tally = bench.putDoubles([10, 20]);
    bench.kernels.crossEntropy(
      z,
      2,
      bench.shorts([1]),
      1,
      0,
      1,
      bench.shorts(Array.from({ length: LANES }, () => 9)),
      0,
      tally,
    );
    const [total, correct] = bench.readDoubles(tally, 2);
    expect(total).toBeCloseTo(10 + Math.log(1 + Math.exp(-1)), 12);
    expect(correct).toBe(21);
  });

  it('gives images that do not exist no gradient and no place in the tally', () => {
    const { lanes, tally } = loss([1, 2, 2, 1], [2, 1, 1, 2], [1, 1, 1, 1, 1, 1, 1, 1], 0, 2);
    expect(tally[1]).toBe(1);
    const dead = lanes.filter((_, i) => i % LANES >= 2);
    expect(dead).toHaveLength(2 * 6);
    expect(dead.every((value) => value === 0)).toBe(true);
  });
});

describe('arrays of floats', () => {
  it('adds the sums of another shard', () => {
    const to = bench.put([1, 2, 3, 4, 5]);
    bench.kernels.addFloats(to, bench.put([10, 20, 30, 40, 50]), 16);
    expect([...bench.read(to, 5)]).toEqual([11, 22, 33, 44, 5]);
  });

  it('clears as many bytes as it is told', () => {
    const at = bench.put([1, 2, 3]);
    bench.kernels.clear(at, 8);
    expect([...bench.read(at, 3)]).toEqual([0, 0, 3]);
  });
});

function loss(
  z: ArrayLike<number>,
  shape: Shape4,
  labels: readonly number[],
  smoothing: number,
  batch: number,
) {
  const [live, , , classes] = shape;
  const predictions = bench.shorts(Array.from({ length: LANES }, () => 9));
  const gradient = bench.room(LANES * classes);
  const tally = bench.putDoubles([0, 0]);
  bench.kernels.crossEntropy(
    bench.putBlock(z, shape),
    classes,
    bench.shorts(labels),
    live,
    smoothing,
    1 / batch,
    predictions,
    gradient,
    tally,
  );
  return {
    predictions: [...new Uint16Array(bench.memory.buffer, predictions, live)],
    lanes: bench.read(gradient, LANES * classes),
    gradient: bench.readBlock(gradient, shape),
    tally: bench.readDoubles(tally, 2),
  };
}

function argMax(logits: Float32Array, image: number, classes: number): number {
  const row = [...logits.subarray(image * classes, (image + 1) * classes)];
  return row.indexOf(Math.max(...row));
}
