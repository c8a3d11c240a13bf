import { describe, expect, it } from 'vitest';
import { type Bench, createBench, expectClose, LANES, sizeOf, toLanes, values } from './native-lanes.ts';
import { eachProduct, outputSizeOf, type Pair, type Windowed } from './naive-window.ts';

const KERNELS: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [3, 1],
  [2, 5],
];
const STRIDES: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 2],
];
const DILATIONS: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 1],
];
const PADDINGS: readonly (readonly [before: Pair, after: Pair])[] = [
  [
    [0, 0],
    [0, 0],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 0],
    [1, 3],
  ],
];
const SIZES: readonly Pair[] = [
  [7, 7],
  [6, 9],
  [1, 5],
];
/** Channels, filters and groups. */
const WIDTHS = [
  [1, 5, 1],
  [3, 4, 1],
  [9, 2, 1],
  [4, 6, 2],
  [3, 6, 3],
  [2, 1, 1],
  [10, 15, 5],
] as const;

/** The whole cross product of what a window can be; widths and numbers of images take turns. */
const cases: readonly Windowed[] = KERNELS.flatMap((kernel) =>
  STRIDES.flatMap((stride) =>
    DILATIONS.flatMap((dilation) =>
      PADDINGS.flatMap(([before, after]) =>
        SIZES.map((size) => ({ size, kernel, stride, dilation, before, after })),
      ),
    ),
  ),
)
  .map((window, i): Windowed => {
    const [channels, filters, groups] = WIDTHS[i % WIDTHS.length]!;
    return { ...window, channels, filters, groups, images: (i % LANES) + 1 };
  })
  .filter((window) => Math.min(...outputSizeOf(window)) >= 1);

const large: readonly Windowed[] = [
  // More weights than inputs, more rows than fit a chunk, one position, dense.
  { ...square(4, 3, 1), channels: 64, filters: 72, images: 8 },
  { ...square(28, 5, 2), channels: 3, filters: 8, images: 8 },
  { ...square(3, 3, 0), channels: 20, filters: 33, images: 5 },
  { ...square(1, 1, 0), channels: 130, filters: 10, images: 8 },
  { ...square(1, 1, 0), channels: 6, filters: 7, images: 4 },
  { ...square(2, 5, 2), channels: 5, filters: 7, images: 3 },
];

function square(side: number, kernel: number, padding: number) {
  const pair = (value: number): Pair => [value, value];
  return {
    size: pair(side),
    kernel: pair(kernel),
    stride: pair(1),
    dilation: pair(1),
    before: pair(padding),
    after: pair(padding),
    groups: 1,
  };
}

describe.each([
  ['in groups or not', cases],
  ['of all sizes', large],
])('a convolution of any window, %s,', (_, windows) => {
  it('is what the definition says', () => {
    for (const w of windows) check(w, forward);
  });

  it('adds its input gradient to what is there, or writes it', () => {
    for (const w of windows) check(w, inputGradient);
  });

  it('adds up the gradient of its weights and of its bias', () => {
    for (const w of windows) check(w, weightGradient);
  });
});

function check(w: Windowed, part: (w: Windowed, bench: Bench) => void): void {
  const bench = createBench(8 << 20);
  part(w, bench);
  bench.checkGuards();
}

/** Everything that the tests of one window need. */
function setOf(w: Windowed) {
  const [outHeight, outWidth] = outputSizeOf(w);
  const input = [w.images, ...w.size, w.channels] as const;
  const output = [w.images, outHeight, outWidth, w.filters] as const;
  const kernel = [...w.kernel, w.channels / w.groups, w.filters];
  return {
    input,
    output,
    kernel,
    x: values(input, 1),
    k: values(kernel, 2),
    dy: values(output, 3),
    bias: values([w.filters], 4),
    packing: {
      kernelHeight: w.kernel[0],
      kernelWidth: w.kernel[1],
      channels: w.channels,
      outChannels: w.filters,
      groups: w.groups,
    },
    window: {
      height: w.size[0],
      width: w.size[1],
      channels: w.channels,
      outHeight,
      outWidth,
      outChannels: w.filters,
      kernelHeight: w.kernel[0],
      kernelWidth: w.kernel[1],
      strideHeight: w.stride[0],
      strideWidth: w.stride[1],
      dilationHeight: w.dilation[0],
      dilationWidth: w.dilation[1],
      paddingTop: w.before[0],
      paddingLeft: w.before[1],
    },
  };
}

function forward(w: Windowed, bench: Bench): void {
  const { input, output, kernel, x, k, bias, packing, window } = setOf(w);
  const packed = bench.room(sizeOf(kernel));
  bench.runOnce('packWeights', { ...packing, turns: 0, weights: bench.put(k), packed }, (w.images % 3) + 1);
  const from = bench.putBlock(x, input);
  const to = bench.room((sizeOf(output) / w.images) * LANES);
  const hasBias = w.images % 2 === 0;
  const fields = {
    ...window,
    input: from,
    inputStride: 0,
    weights: packed,
    bias: hasBias ? bench.put(bias) : 0,
    output: to,
    outputStride: 0,
    adds: 0,
    groups: w.groups,
    upHeight: 1,
    upWidth: 1,
  };
  bench.run('gather', fields, w.images);
  const expected = Float64Array.from({ length: sizeOf(output) }, (_, i) =>
    hasBias ? bias[i % w.filters]! : 0,
  );
  eachProduct(w, (o, i, j) => (expected[o]! += x[i]! * k[j]!));
  expectClose(bench.readBlock(to, output), expected, `output of ${JSON.stringify(w)}`);
  expectDeadLanes(bench, to, output);
}

function inputGradient(w: Windowed, bench: Bench): void {
  const { input, output, kernel, x, k, dy, packing, window } = setOf(w);
  const packed = bench.room(sizeOf(kernel));
  bench.runOnce('packWeights', { ...packing, turns: 1, weights: bench.put(k), packed }, (w.images % 3) + 1);
  const adds = w.images % 2;
  const dx = adds === 1 ? bench.putBlock(x, input) : bench.room((sizeOf(input) / w.images) * LANES);
  const fields = {
    ...window,
    height: window.outHeight,
    width: window.outWidth,
    channels: w.filters,
    outHeight: window.height,
    outWidth: window.width,
    outChannels: w.channels,
    strideHeight: 1,
    strideWidth: 1,
    paddingTop: (w.kernel[0] - 1) * w.dilation[0] - w.before[0],
    paddingLeft: (w.kernel[1] - 1) * w.dilation[1] - w.before[1],
    input: bench.putBlock(dy, output),
    inputStride: 0,
    weights: packed,
    bias: 0,
    output: dx,
    outputStride: 0,
    adds,
    groups: w.groups,
    upHeight: w.stride[0],
    upWidth: w.stride[1],
  };
  bench.run('gather', fields, w.images);
  const expected = Float64Array.from(x, (value) => adds * value);
  eachProduct(w, (o, i, j) => (expected[i]! += dy[o]! * k[j]!));
  expectClose(bench.readBlock(dx, input), expected, `input gradient of ${JSON.stringify(w)}`);
}

function weightGradient(w: Windowed, bench: Bench): void {
  const { input, output, kernel, x, k, dy, bias, window } = setOf(w);
  const [sums, biasSums] = [bench.put(k), bench.put(bias)];
  const gradient = bench.putBlock(dy, output);
  const places = { gradient, gradientStride: 0, sumsStride: 0 };
  const scratch = bench.room(LANES * Math.ceil(w.filters / 4) * 4);
  const from = { input: bench.putBlock(x, input), inputStride: 0 };
  bench.run('filterGradientOf', { ...window, ...from, ...places, sums, groups: w.groups, scratch }, w.images);
  const pixels = window.outHeight * window.outWidth;
  const biasScratch = bench.room(w.filters * LANES);
  const biasPlaces = { ...places, sums: biasSums, scratch: biasScratch };
  bench.run('biasGradient', { ...biasPlaces, pixels, channels: w.filters }, w.images);
  const expected = Float64Array.from(k);
  eachProduct(w, (o, i, j) => (expected[j]! += x[i]! * dy[o]!));
  expectClose(bench.read(sums, sizeOf(kernel)), expected, `weight gradient of ${JSON.stringify(w)}`);
  const expectedBias = Float64Array.from(bias);
  dy.forEach((value, i) => (expectedBias[i % w.filters]! += value));
  expectClose(bench.read(biasSums, w.filters), expectedBias, `bias gradient of ${JSON.stringify(w)}`);
}

/** Lanes without an image stay 0, bias or not. */
function expectDeadLanes(bench: Bench, at: number, shape: readonly [number, number, number, number]): void {
  const lanes = bench.read(at, (sizeOf(shape) / shape[0]) * LANES);
  const live = toLanes(bench.readBlock(at, shape), shape);
  expect(lanes.length).toBe(live.length);
  expect(lanes.findIndex((value, i) => !Object.is(value, live[i]))).toBe(-1);
}
