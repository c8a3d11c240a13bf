import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, createBench, expectClose, LANES, onCpu, type Shape4, values } from './native-lanes.ts';

type Padding = 'valid' | 'same';

/** Height, width, channels, filters, kernel, padding, images. */
type Case = readonly [number, number, number, number, number, Padding, number];

interface Convolution {
  readonly input: Shape4;
  readonly output: Shape4;
  readonly kernel: number;
  readonly padding: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly dy: Float32Array;
  /** Of tfjs' cpu backend. */
  readonly y: Float32Array;
  readonly dx: Float32Array;
  readonly dw: Float32Array;
}

const cases: readonly Case[] = [
  [1, 1, 1, 1, 1, 'valid', 1],
  [6, 5, 3, 4, 1, 'valid', 8],
  [5, 6, 7, 2, 1, 'same', 3],
  [4, 4, 20, 10, 1, 'valid', 5],
  [2, 2, 2, 3, 2, 'valid', 2],
  [7, 6, 3, 5, 2, 'valid', 8],
  [28, 28, 1, 4, 3, 'same', 8],
  [28, 27, 1, 5, 3, 'valid', 7],
  [3, 3, 1, 1, 3, 'valid', 1],
  [1, 1, 2, 2, 3, 'same', 4],
  [2, 1, 2, 3, 3, 'same', 6],
  [9, 8, 2, 6, 3, 'same', 8],
  [5, 5, 3, 2, 5, 'valid', 2],
  [8, 7, 2, 9, 5, 'valid', 8],
  [7, 8, 1, 11, 5, 'same', 3],
  [2, 3, 2, 2, 5, 'same', 8],
  // Every count of channels and of filters from 1 to 20 once.
  ...Array.from({ length: 20 }, (_, i): Case => [
    4,
    3,
    i + 1,
    ((i * 7) % 20) + 1,
    3,
    i % 2 ? 'same' : 'valid',
    (i % 8) + 1,
  ]),
];

const winogradCases: readonly Case[] = [
  [1, 1, 3, 2, 3, 'same', 8],
  [3, 3, 3, 1, 3, 'valid', 1],
  [2, 3, 4, 4, 3, 'same', 2],
  [28, 28, 4, 8, 3, 'same', 8],
  [13, 12, 11, 16, 3, 'valid', 3],
  // Some rows of tiles at a time, with a rest; then one row at a time.
  [10, 9, 16, 16, 3, 'same', 8],
  [9, 28, 20, 20, 3, 'valid', 4],
  ...Array.from({ length: 20 }, (_, i): Case => [
    5,
    6,
    i + 1,
    ((i * 7) % 20) + 1,
    3,
    i % 2 ? 'same' : 'valid',
    (i % 8) + 1,
  ]),
];

/** Outputs along a side of a tile. */
const sides = [2, 4] as const;

let bench: Bench;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.checkGuards());

const titled = (list: readonly Case[]) =>
  list.map((each): [string, Case] => {
    const [h, w, channels, filters, kernel, padding, images] = each;
    return [
      `${h}x${w}, ${channels} -> ${filters} channels, kernel ${kernel}, ${padding}, ${images} images`,
      each,
    ];
  });

describe.each(titled(cases))('a direct convolution of %s', (_, which) => {
  let convolution: Convolution;
  beforeAll(() => {
    convolution = convolutionOf(which);
  });

  it('agrees with the cpu backend', () => {
    const { input, output, x, w, y } = convolution;
    const to = bench.room(blockFloats(output));
    convolve(
      bench.putBlock(x, input),
      input,
      bench.put(w),
      convolution.kernel,
      convolution.padding,
      to,
      output,
    );
    expectClose(bench.readBlock(to, output), y, 'output');
  });

  it('has the input gradient of the cpu backend', () => {
    const { input, output, kernel, padding, w, dy, dx } = convolution;
    const turned = bench.room(w.length);
    bench.kernels.turnWeights(bench.put(w), kernel, input[3], output[3], turned);
    const to = bench.room(blockFloats(input));
    convolve(bench.putBlock(dy, output), output, turned, kernel, kernel - 1 - padding, to, input);
    expectClose(bench.readBlock(to, input), dx, 'input gradient');
  });

  it('has the filter gradient of the cpu backend', () => {
    expectClose(filterGradient(convolution, 1), convolution.dw, 'filter gradient');
  });

  it('adds its filter gradient to what the sums hold', () => {
    expectClose(
      filterGradient(convolution, 3),
      convolution.dw.map((d) => 3 * d),
      'filter gradient',
    );
  });
});

describe.each(
  sides.flatMap((side) => titled(winogradCases).map(([title, which]) => [side, title, which] as const)),
)('a Winograd convolution by tiles of %d, of %s', (side, _, which) => {
  let convolution: Convolution;
  beforeAll(() => {
    convolution = convolutionOf(which);
  });

  it('agrees with the cpu backend and with the direct one', () => {
    const { input, output, w } = convolution;
    const found = winograd(side, convolution);
    expectClose(found, convolution.y, 'output');
    const direct = bench.room(blockFloats(output));
    convolve(
      bench.putBlock(convolution.x, input),
      input,
      bench.put(w),
      3,
      convolution.padding,
      direct,
      output,
    );
    expectClose(found, bench.readBlock(direct, output), 'output, compared with the direct convolution');
  });

  it('has the input and filter gradients of the cpu backend', () => {
    const { dx, dw } = winogradGradients(side, convolution, 1);
    expectClose(dx, convolution.dx, 'input gradient');
    expectClose(dw, convolution.dw, 'filter gradient');
  });

  it('adds its filter gradient to what the sums hold, but writes its input gradient anew', () => {
    const { dx, dw } = winogradGradients(side, convolution, 2);
    expectClose(dx, convolution.dx, 'input gradient');
    expectClose(
      dw,
      convolution.dw.map((d) => 2 * d),
      'filter gradient',
    );
  });

  it('leaves the input gradient out when it is not wanted', () => {
    expectClose(winogradGradients(side, convolution, 1, false).dw, convolution.dw, 'filter gradient');
  });
});

describe('the kernels around a convolution', () => {
  it('turn weights by half a turn and swap in and out: two taps by two, worked by hand', () => {
    // [ky][kx][in][out], 2x2 kernel, 1 in, 2 out: tap t holds (10 t, 10 t + 1).
    const turned = bench.room(8);
    bench.kernels.turnWeights(bench.put([0, 1, 10, 11, 20, 21, 30, 31]), 2, 1, 2, turned);
    expect([...bench.read(turned, 8)]).toEqual([30, 31, 20, 21, 10, 11, 0, 1]);
  });

  it.each(sides)(
    'put the weights of tiles of %d side by side as they are multiplied, for both directions',
    (side) => {
      // 2 in, 5 out, [in][out]: plane p holds 12 p, 12 p + 1, ... Outputs are multiplied by three and by two, inputs both at once.
      const values = Float32Array.from({ length: planes(side) * 12 }, (_, i) => i);
      const [packed, turned] = [bench.room(values.length), bench.room(values.length)];
      bench.kernels.winogradPack(side, bench.put(values), 12, 2, 5, packed, turned);
      for (const plane of [0, planes(side) - 1]) {
        const at = (place: number) =>
          [...bench.read(place + plane * 12 * 4, 10)].map((value) => value - 12 * plane);
        expect(at(packed)).toEqual([0, 1, 2, 5, 6, 7, 3, 4, 8, 9]);
        expect(at(turned)).toEqual([0, 5, 1, 6, 2, 7, 3, 8, 4, 9]);
      }
    },
  );

  it('transform the weights 1, ..., 9 of one channel to G g G, worked by hand', () => {
    const to = bench.room(16 * 4);
    bench.kernels.winogradWeights(2, bench.put([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0]), 4, 1, to);
    const transformed = Array.from({ length: 16 }, (_, plane) => bench.read(to + plane * 16, 1)[0]);
    expect(transformed).toEqual([1, 3, 1, 3, 6, 11.25, 3.75, 9, 2, 3.75, 1.25, 3, 7, 12, 4, 9]);
  });

  it('transform a weight of 144 in the middle to G g G for tiles of 4, worked by hand', () => {
    const to = bench.room(36 * 4);
    bench.kernels.winogradWeights(4, bench.put([0, 0, 0, 0, 144, 0, 0, 0, 0, 0, 0, 0]), 4, 1, to);
    const transformed = Array.from({ length: 36 }, (_, plane) => bench.read(to + plane * 16, 1)[0]!);
    // The middle column of G is (0, -1/6, 1/6, 1/12, -1/12, 0).
    const column = [0, -2, 2, 1, -1, 0];
    const expected = column.flatMap((row) => column.map((value) => row * value));
    expectClose(transformed, expected, 'transformed weights', 1e-6);
  });
});

function convolutionOf([h, w, channels, filters, kernel, padding, images]: Case): Convolution {
  const input: Shape4 = [images, h, w, channels];
  const taken = padding === 'valid' ? kernel - 1 : 0;
  const output: Shape4 = [images, h - taken, w - taken, filters];
  const weightShape: Shape4 = [kernel, kernel, channels, filters];
  const x = values(input, 1);
  const weights = values(weightShape, 2);
  const dy = values(output, 3);
  const [y, dx, dw] = onCpu(() => {
    const forward = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, padding);
    const inputs = [tf.tensor4d(x, [...input]), tf.tensor4d(weights, [...weightShape])] as const;
    const gradients = tf.grads(forward as (...args: tf.Tensor[]) => tf.Tensor);
    return [forward(...inputs), ...gradients([...inputs], tf.tensor4d(dy, [...output]))];
  });
  return {
    input,
    output,
    kernel,
    padding: padding === 'same' ? (kernel - 1) / 2 : 0,
    x,
    w: weights,
    dy,
    y: y!,
    dx: dx!,
    dw: dw!,
  };
}

function blockFloats([, height, width, channels]: Shape4): number {
  return height * width * channels * LANES;
}

function convolve(
  from: number,
  [, height, width, channels]: Shape4,
  weights: number,
  kernel: number,
  padding: number,
  to: number,
  [, outHeight, outWidth, filters]: Shape4,
): void {
  bench.kernels.convolve(
    from,
    height,
    width,
    channels,
    weights,
    kernel,
    padding,
    to,
    outHeight,
    outWidth,
    filters,
  );
}

function filterGradient(
  { input, output, kernel, padding, x, w, dy }: Convolution,
  times: number,
): Float32Array {
  const [, height, width, channels] = input;
  const [, outHeight, outWidth, filters] = output;
  const [from, gradient, sums] = [
    bench.putBlock(x, input),
    bench.putBlock(dy, output),
    bench.zeros(w.length),
  ];
  for (let i = 0; i < times; i++) {
    bench.kernels.filterGradient(
      from,
      height,
      width,
      channels,
      gradient,
      outHeight,
      outWidth,
      filters,
      kernel,
      padding,
      sums,
    );
  }
  return bench.read(sums, w.length);
}

/** Weights, whose loads reach up to three floats past their end. */
function putWeights(w: Float32Array): number {
  return bench.put([...w, 0, 0, 0]);
}

function planeSize({ input, output }: Convolution): number {
  return Math.ceil((input[3] * output[3]) / 4) * 4;
}

function scratchFor(side: number, { input, output }: Convolution): number {
  const [, outHeight, outWidth, filters] = output;
  const { winogradScratch } = bench.kernels;
  return bench.room(
    Math.max(
      winogradScratch(side, outHeight, outWidth, input[3], filters),
      winogradScratch(side, outHeight, outWidth, filters, input[3]),
    ) / 4,
  );
}

function planes(side: number): number {
  return (side + 2) ** 2;
}

function transformed(side: number, convolution: Convolution): number {
  const size = planeSize(convolution);
  const to = bench.room(planes(side) * size);
  const count = convolution.input[3] * convolution.output[3];
  bench.kernels.winogradWeights(side, putWeights(convolution.w), size, count, to);
  return to;
}

/** Weights as they are multiplied, forward and back. */
function packed(side: number, convolution: Convolution): { readonly ahead: number; readonly back: number } {
  const size = planeSize(convolution);
  const [ahead, back] = [bench.room(planes(side) * size), bench.room(planes(side) * size)];
  const channels = [convolution.input[3], convolution.output[3]] as const;
  bench.kernels.winogradPack(side, transformed(side, convolution), size, ...channels, ahead, back);
  return { ahead, back };
}

function winograd(side: number, convolution: Convolution): Float32Array {
  const { input, output, padding, x } = convolution;
  const [, height, width, channels] = input;
  const [, outHeight, outWidth, filters] = output;
  const to = bench.room(blockFloats(output));
  const scratch = scratchFor(side, convolution);
  const weights = packed(side, convolution).ahead;
  const size = planeSize(convolution);
  const from = bench.putBlock(x, input);
  bench.kernels.winogradConvolve(
    side,
    from,
    height,
    width,
    channels,
    weights,
    size,
    padding,
    to,
    outHeight,
    outWidth,
    filters,
    scratch,
  );
  return bench.readBlock(to, output);
}

function winogradGradients(
  side: number,
  convolution: Convolution,
  times: number,
  withInputGradient = true,
): { readonly dx: Float32Array; readonly dw: Float32Array } {
  const { input, output, padding, x, dy } = convolution;
  const [, height, width, channels] = input;
  const [, outHeight, outWidth, filters] = output;
  const size = planeSize(convolution);
  const count = channels * filters;
  const turned = packed(side, convolution).back;
  const sums = bench.zeros(planes(side) * count);
  const dx = bench.room(blockFloats(input));
  const scratch = scratchFor(side, convolution);
  const [from, gradient] = [bench.putBlock(x, input), bench.putBlock(dy, output)];
  const inputGradient = withInputGradient ? dx : 0;
  for (let i = 0; i < times; i++) {
    bench.kernels.winogradGradients(
      side,
      from,
      height,
      width,
      channels,
      turned,
      size,
      padding,
      gradient,
      outHeight,
      outWidth,
      filters,
      sums,
      inputGradient,
      scratch,
    );
  }
  const dw = bench.room(9 * count);
  bench.kernels.winogradWeightGradient(side, sums, count, dw);
  return { dx: bench.readBlock(dx, input), dw: bench.read(dw, 9 * count) };
}
