import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dropoutBits, dropoutThreshold } from '../../src/engine/draws.ts';
import {
  type Bench,
  createBench,
  expectClose,
  fromLanes,
  LANES,
  onCpu,
  type Shape4,
  sizeOf,
  toLanes,
  values,
} from './native-lanes.ts';

/** Height, width, channels, live images, pooling, dropout rate. */
type Case = readonly [number, number, number, number, boolean, number];

const KEY = 0x9abcdef0;
/** The block's first image in its batch: masks go by the place in the batch. */
const FIRST_IMAGE = 16;

const cases: readonly Case[] = [
  [1, 1, 1, 1, false, 0],
  [4, 6, 3, 8, false, 0],
  [5, 3, 7, 5, false, 0.25],
  [3, 4, 20, 8, false, 0.02],
  [12, 11, 16, 4, false, 0.5],
  [2, 2, 1, 1, true, 0],
  [6, 4, 5, 8, true, 0],
  [7, 5, 2, 3, true, 0],
  [6, 7, 4, 6, true, 0.3],
  [5, 8, 11, 8, true, 0.6],
  [24, 24, 10, 7, true, 0.1],
];

let bench: Bench;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.checkGuards());

const titled = cases.map((each): [string, Case] => {
  const [h, w, channels, images, pool, dropout] = each;
  const parts = [`${h}x${w}, ${channels} channels, ${images} images`];
  if (pool) parts.push('2x2 pooling');
  if (dropout > 0) parts.push(`dropout ${dropout}`);
  return [parts.join(', '), each];
});

describe.each(titled)('the activation of %s', (_, [height, width, channels, images, pool, dropout]) => {
  const shape: Shape4 = [images, height, width, channels];
  const size = pool ? 2 : 1;
  const outShape: Shape4 = [images, Math.floor(height / size), Math.floor(width / size), channels];
  const z = values(shape, 11);
  const scale = values([channels], 12);
  const shift = values([channels], 13);
  const dy = values(outShape, 14);
  const mask = maskOf(outShape, dropout);

  /** ReLU, pooling and mask of the normalized values, and its gradient: tfjs' cpu backend. */
  const oracle = () =>
    onCpu(() => {
      const normalized = tf.add(tf.mul(tf.tensor4d(z, [...shape]), tf.tensor1d(scale)), tf.tensor1d(shift));
      const rest = (x: tf.Tensor) => {
        const positive = tf.relu(x as tf.Tensor4D);
        const pooled = pool ? tf.maxPool(positive, 2, 2, 'valid') : positive;
        return tf.mul(pooled, tf.tensor4d(mask, [...outShape]));
      };
      return [rest(normalized), tf.grad(rest)(normalized, tf.tensor4d(dy, [...outShape]))];
    });

  const activated = () => {
    const at = {
      z: bench.putBlock(z, shape),
      scale: bench.put(scale),
      shift: bench.put(shift),
      out: bench.room((sizeOf(outShape) / images) * LANES),
    };
    bench.kernels.activate(
      at.z,
      height,
      width,
      channels,
      at.scale,
      at.shift,
      images,
      pool ? 1 : 0,
      KEY,
      dropoutThreshold(dropout),
      1 / (1 - dropout),
      FIRST_IMAGE,
      at.out,
    );
    return at;
  };

  it('agrees with the cpu backend and the mask of src/engine/draws.ts', () => {
    expectClose(bench.readBlock(activated().out, outShape), oracle()[0]!, 'output');
  });

  it('is 0 where there is no image', () => {
    const all: Shape4 = [LANES, ...(outShape.slice(1) as [number, number, number])];
    const lanes = bench.readBlock(activated().out, all);
    expect([...lanes.subarray(sizeOf(outShape))].every((value) => value === 0)).toBe(true);
  });

  it('has the gradient of the cpu backend, and its sums over all pixels and images', () => {
    const at = activated();
    const g = bench.room((sizeOf(shape) / images) * LANES);
    const sums = bench.putDoubles(Array.from({ length: 2 * channels }, (_, i) => i));
    bench.kernels.activateGradient(
      bench.putBlock(dy, outShape),
      at.out,
      at.z,
      height,
      width,
      channels,
      at.scale,
      at.shift,
      pool ? 1 : 0,
      1 / (1 - dropout),
      g,
      sums,
    );
    const expected = oracle()[1]!;
    expectClose(bench.readBlock(g, shape), expected, 'gradient');
    const expectedSums = Array.from({ length: 2 * channels }, (_, i) => {
      const c = i >> 1;
      const term = (j: number) => (i % 2 === 0 ? expected[j]! : expected[j]! * z[j]!);
      return i + z.reduce((sum, _, j) => (j % channels === c ? sum + term(j) : sum), 0);
    });
    expectClose(bench.readDoubles(sums, 2 * channels), expectedSums, 'sums');
  });
});

describe('the gradient of 2x2 max pooling', () => {
  it('goes to the first of equal maxima, row by row', () => {
    expect(poolGradient([1, 2, 2, 2])).toEqual([0, 10, 0, 0]);
    expect(poolGradient([2, 1, 2, 2])).toEqual([10, 0, 0, 0]);
    expect(poolGradient([1, 1, 3, 3])).toEqual([0, 0, 10, 0]);
    expect(poolGradient([1, 1, 2, 3])).toEqual([0, 0, 0, 10]);
    expect(poolGradient([5, 5, 5, 5])).toEqual([10, 0, 0, 0]);
  });

  it('is 0 in a window that has nothing above 0', () => {
    expect(poolGradient([-3, -1, -2, -1])).toEqual([0, 0, 0, 0]);
    expect(poolGradient([0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
  });

  it('counts every gradient once in its sums, ties or not', () => {
    const sums = bench.putDoubles([0, 0]);
    poolGradient([5, 5, 5, 5], sums);
    // In the one lane that has an image: g = 10 at a z of 5.
    expect([...bench.readDoubles(sums, 2)]).toEqual([10, 50]);
  });

  it('is 0 in the last row and column of an odd image', () => {
    const g = gradientOf([1, 2, 9, 3, 4, 9, 9, 9, 9], [1, 3, 3, 1], [10]);
    expect([...g]).toEqual([0, 0, 0, 0, 10, 0, 0, 0, 0]);
  });
});

describe('the dropout mask', () => {
  it('keeps what the 16 bits of an element say, by its place in the batch, and divides by the share kept', () => {
    const shape: Shape4 = [LANES, 2, 3, 5];
    const out = dropped(shape, 0.4);
    const expected = maskOf(shape, 0.4);
    expectClose(out, expected, 'mask', 1e-7);
    expect(out.filter((value) => value > 0).length / out.length).toBeCloseTo(0.6, 1);
  });

  it('drops the rate that was asked for, of 40,000 elements within three standard deviations', () => {
    const shape: Shape4 = [LANES, 25, 20, 10];
    for (const rate of [0.02, 0.1, 0.5, 0.75]) {
      const kept = dropped(shape, rate).filter((value) => value > 0).length;
      const deviation = Math.sqrt(sizeOf(shape) * rate * (1 - rate));
      expect(Math.abs(kept - sizeOf(shape) * (1 - rate))).toBeLessThan(3 * deviation);
    }
  });

  it('passes no gradient where it dropped, and a larger one where it kept', () => {
    const shape: Shape4 = [LANES, 2, 3, 5];
    const mask = maskOf(shape, 0.4);
    const ones = bench.putBlock(new Float32Array(sizeOf(shape)).fill(1), shape);
    const out = bench.putBlock(mask, shape);
    const [unit, none] = [bench.put([1, 1, 1, 1, 1]), bench.put([0, 0, 0, 0, 0])];
    const g = bench.room(sizeOf(shape));
    bench.kernels.activateGradient(
      ones,
      out,
      ones,
      2,
      3,
      5,
      unit,
      none,
      0,
      1 / 0.6,
      g,
      bench.putDoubles(new Float64Array(10)),
    );
    expectClose(bench.readBlock(g, shape), mask, 'gradient', 1e-7);
  });
});

/** What 1 becomes everywhere: the mask, for a block that begins at FIRST_IMAGE. */
function dropped(shape: Shape4, rate: number): Float32Array {
  const [images, height, width, channels] = shape;
  const out = bench.room(sizeOf(shape));
  bench.kernels.activate(
    bench.putBlock(new Float32Array(sizeOf(shape)).fill(1), shape),
    height,
    width,
    channels,
    bench.put(new Float32Array(channels).fill(1)),
    bench.put(new Float32Array(channels)),
    images,
    0,
    KEY,
    dropoutThreshold(rate),
    1 / (1 - rate),
    FIRST_IMAGE,
    out,
  );
  return bench.readBlock(out, shape);
}

function maskOf(shape: Shape4, rate: number): Float32Array {
  const imageSize = sizeOf(shape) / shape[0];
  const first = FIRST_IMAGE * imageSize;
  const kept = (i: number) => dropoutBits(KEY, first + i, imageSize) / 2 ** 16 >= rate;
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => (kept(i) ? 1 / (1 - rate) : 0));
}

/** Gradient of the 2x2 window `z` in one image of one channel when 10 comes in. */
function poolGradient(z: readonly number[], sums?: number): number[] {
  // -0 and 0 are the same gradient.
  return Array.from(gradientOf(z, [1, 2, 2, 1], [10], sums), (value) => value + 0);
}

function gradientOf(
  z: readonly number[],
  shape: Shape4,
  dy: readonly number[],
  sums = bench.putDoubles([0, 0]),
): Float32Array {
  const [, height, width] = shape;
  const at = bench.put(toLanes(z, shape));
  const [scale, shift] = [bench.put([1]), bench.put([0])];
  const outShape: Shape4 = [1, height >> 1, width >> 1, 1];
  const out = bench.room(sizeOf(outShape) * LANES);
  bench.kernels.activate(at, height, width, 1, scale, shift, 1, 1, 0, 0, 1, 0, out);
  const g = bench.room(sizeOf(shape) * LANES);
  const from = bench.put(toLanes(dy, outShape));
  bench.kernels.activateGradient(from, out, at, height, width, 1, scale, shift, 1, 1, g, sums);
  return fromLanes(bench.read(g, sizeOf(shape) * LANES), shape);
}
