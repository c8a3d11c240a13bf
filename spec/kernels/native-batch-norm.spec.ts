import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Bench,
  createBench,
  expectClose,
  LANES,
  onCpu,
  type Shape4,
  sizeOf,
  values,
} from './native-lanes.ts';

const EPSILON = 1e-3;
const MOMENTUM = 0.9;

/** Images, height, width, channels; images beyond eight go to further shards. */
const shapes: readonly Shape4[] = [
  [1, 3, 2, 1],
  [5, 4, 3, 2],
  [8, 5, 5, 7],
  [11, 3, 4, 20],
  [21, 2, 3, 16],
  // More than is added up at a time.
  [5, 11, 9, 5],
];

let bench: Bench;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.checkGuards());

describe.each(shapes.map((shape): [string, Shape4] => [shape.join(' x '), shape]))(
  'batch norm of %s (images, height, width, channels)',
  (_, shape) => {
    const [images, height, width, channels] = shape;
    const pixels = height * width;
    const z = values(shape, 21).map((value, i) => 3 * value + (i % channels));
    const dy = values(shape, 22);
    const gamma = values([channels], 23);
    const beta = values([channels], 24);
    const movingMean = values([channels], 25);
    const movingVariance = values([channels], 26).map((value) => value + 1.5);

    const normalize = (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON))), g), b);
    };
    const tensors = () => [tf.tensor4d(z, [...shape]), tf.tensor1d(gamma), tf.tensor1d(beta)] as const;

    /** Forward in training: sums of each shard, then what follows from them. */
    const forward = () => {
      const blocks = blocksOf(z, shape);
      const sums = bench.putDoubles(new Float64Array(blocks.length * channels * 2));
      const scratch = bench.room(channels * 16);
      blocks.forEach((block, i) =>
        bench.kernels.sumMoments(block.at, pixels, channels, sums + i * channels * 16, scratch),
      );
      const at = {
        gamma: bench.put(gamma),
        beta: bench.put(beta),
        movingMean: bench.put(movingMean),
        movingVariance: bench.put(movingVariance),
        mean: bench.room(channels),
        inverse: bench.room(channels),
        scale: bench.room(channels),
        shift: bench.room(channels),
      };
      bench.kernels.finishMoments(
        sums,
        channels * 16,
        blocks.length,
        channels,
        images * pixels,
        EPSILON,
        MOMENTUM,
        at.gamma,
        at.beta,
        at.movingMean,
        at.movingVariance,
        at.mean,
        at.inverse,
        at.scale,
        at.shift,
      );
      return { ...at, blocks };
    };

    it('normalizes as the cpu backend does, with scale and shift', () => {
      const at = forward();
      const [scale, shift] = [bench.read(at.scale, channels), bench.read(at.shift, channels)];
      const found = z.map((value, i) => value * scale[i % channels]! + shift[i % channels]!);
      const [expected] = onCpu(() => [normalize(...tensors())]);
      expectClose(found, expected!, 'output', 1e-4);
    });

    it('moves its statistics by a tenth towards those of the batch, the variance being the biased one', () => {
      const at = forward();
      const [mean, variance] = onCpu(() => {
        const moments = tf.moments(tensors()[0], [0, 1, 2]);
        return [moments.mean, moments.variance];
      });
      const towards = (old: Float32Array, batch: Float32Array) =>
        old.map((value, i) => 0.9 * value + 0.1 * batch[i]!);
      expectClose(bench.read(at.movingMean, channels), towards(movingMean, mean!), 'moving mean');
      expectClose(
        bench.read(at.movingVariance, channels),
        towards(movingVariance, variance!),
        'moving variance',
      );
    });

    it('has the gradients of the cpu backend: by its input, gamma and beta', () => {
      const at = forward();
      const gradients = blocksOf(dy, shape);
      const sums = bench.putDoubles(sumsOf(z, dy, shape));
      const gammaGradient = bench.room(channels);
      const betaGradient = bench.room(channels);
      const factors = bench.room(3 * channels);
      bench.kernels.finishGradientMoments(
        sums,
        channels * 16,
        gradients.length,
        channels,
        images * pixels,
        at.gamma,
        at.mean,
        at.inverse,
        gammaGradient,
        betaGradient,
        factors,
      );
      const found = gradients.flatMap((block, i) => {
        const to = bench.room(pixels * channels * LANES);
        const z = at.blocks[i]!.at;
        bench.kernels.normalizeGradient(block.at, to, z, pixels, channels, factors, block.images);
        return [...bench.readBlock(to, [block.images, height, width, channels])];
      });
      const [dz, dgamma, dbeta] = onCpu(() => {
        const gradient = tf.grads(normalize as (...inputs: tf.Tensor[]) => tf.Tensor);
        return gradient([...tensors()], tf.tensor4d(dy, [...shape]));
      });
      expectClose(bench.read(gammaGradient, channels), dgamma!, 'gradient of gamma', 1e-4);
      expectClose(bench.read(betaGradient, channels), dbeta!, 'gradient of beta', 1e-4);
      expectClose(found, dz!, 'gradient of the input', 1e-4);
    });

    it('leaves no gradient where there is no image', () => {
      const factors = bench.put(new Float32Array(3 * channels).fill(1));
      const last = blocksOf(dy, shape).at(-1)!;
      bench.kernels.normalizeGradient(
        last.at,
        last.at,
        bench.zeros(pixels * channels * LANES),
        pixels,
        channels,
        factors,
        last.images,
      );
      const all = bench.readBlock(last.at, [LANES, height, width, channels]);
      const dead = all.subarray(last.images * pixels * channels);
      expect(dead.every((value) => value === 0)).toBe(true);
    });

    it('uses the moving statistics in evaluation, as the cpu backend does', () => {
      const scale = bench.room(channels);
      const shift = bench.room(channels);
      bench.kernels.useMoving(
        channels,
        EPSILON,
        bench.put(gamma),
        bench.put(beta),
        bench.put(movingMean),
        bench.put(movingVariance),
        scale,
        shift,
      );
      const [s, t] = [bench.read(scale, channels), bench.read(shift, channels)];
      const found = z.map((value, i) => value * s[i % channels]! + t[i % channels]!);
      const [expected] = onCpu(() => {
        const [x, g, b] = tensors();
        return [tf.batchNorm(x, tf.tensor1d(movingMean), tf.tensor1d(movingVariance), b, g, EPSILON)];
      });
      expectClose(found, expected!, 'output', 1e-4);
    });
  },
);

describe('the sums of batch norm', () => {
  it('are those of z and of its square, added to what is there: worked by hand', () => {
    // Two pixels of two channels in three images; channel 0 holds 1, 2, 3 and 4, 5, 6, channel 1 their halves.
    const shape: Shape4 = [3, 1, 2, 2];
    const z = bench.putBlock([1, 0.5, 4, 2, 2, 1, 5, 2.5, 3, 1.5, 6, 3], shape);
    const sums = bench.putDoubles([100, 0, 0, 1000]);
    bench.kernels.sumMoments(z, 2, 2, sums, bench.room(2 * 16));
    expect([...bench.readDoubles(sums, 4)]).toEqual([121, 91, 10.5, 1022.75]);
  });

  it('give a variance of 0 where rounding would give one below', () => {
    // Three values of 2 whose sum of squares has lost a quarter of each.
    const sums = bench.putDoubles([6, 11.25]);
    const [gamma, beta, movingMean, movingVariance] = [1, 0, 0, 7].map((value) => bench.put([value])) as [
      number,
      number,
      number,
      number,
    ];
    const [mean, inverse, scale, shift] = [0, 1, 2, 3].map(() => bench.room(1)) as [
      number,
      number,
      number,
      number,
    ];
    bench.kernels.finishMoments(
      sums,
      16,
      1,
      1,
      3,
      0.25,
      0,
      gamma,
      beta,
      movingMean,
      movingVariance,
      mean,
      inverse,
      scale,
      shift,
    );
    expect([mean, inverse, movingVariance].map((at) => bench.read(at, 1)[0])).toEqual([2, 2, 0]);
  });
});

interface Block {
  readonly at: number;
  readonly images: number;
}

/** The batch in blocks of eight images, each at an address. */
function blocksOf(batch: Float32Array, [images, height, width, channels]: Shape4): Block[] {
  const perImage = height * width * channels;
  return Array.from({ length: Math.ceil(images / LANES) }, (_, i) => {
    const count = Math.min(LANES, images - i * LANES);
    const part = batch.subarray(i * LANES * perImage, (i * LANES + count) * perImage);
    return { at: bench.putBlock(part, [count, height, width, channels]), images: count };
  });
}

/** [shard][channel] of (sum of g, sum of g z), a shard a block. */
function sumsOf(z: Float32Array, g: Float32Array, shape: Shape4): Float64Array {
  const [images, , , channels] = shape;
  const sums = new Float64Array(Math.ceil(images / LANES) * channels * 2);
  const perBlock = LANES * (sizeOf(shape) / images);
  g.forEach((value, i) => {
    const at = 2 * (Math.floor(i / perBlock) * channels + (i % channels));
    sums[at] = sums[at]! + value;
    sums[at + 1] = sums[at + 1]! + value * z[i]!;
  });
  return sums;
}
