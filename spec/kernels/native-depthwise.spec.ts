import { expect, it } from 'vitest';
import { createBench, expectClose, LANES, sizeOf, values } from './native-lanes.ts';
import { eachProduct, outputSizeOf, type Pair, type Windowed } from './naive-window.ts';

const KERNELS: readonly Pair[] = [
  [1, 1],
  [3, 3],
  [2, 5],
];
const STRIDES: readonly Pair[] = [
  [1, 1],
  [2, 3],
];
const DILATIONS: readonly Pair[] = [
  [1, 1],
  [2, 3],
];
const PADDINGS: readonly (readonly [Pair, Pair])[] = [
  [
    [0, 0],
    [0, 0],
  ],
  [
    [1, 2],
    [3, 1],
  ],
];
const SIZES: readonly Pair[] = [
  [7, 7],
  [6, 13],
];

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
    const channels = (i % 9) + 1;
    return { ...window, channels, filters: channels, groups: channels, images: (i % LANES) + 1 };
  })
  .filter((window) => Math.min(...outputSizeOf(window)) >= 1);

it('a depthwise convolution and its gradients are what the definition says', () => {
  for (const w of cases) {
    const bench = createBench(4 << 20);
    const [outHeight, outWidth] = outputSizeOf(w);
    const input = [w.images, ...w.size, w.channels] as const;
    const output = [w.images, outHeight, outWidth, w.channels] as const;
    const taps = w.kernel[0] * w.kernel[1];
    const [x, k, dy] = [values(input, 1), values([taps, w.channels], 2), values(output, 3)];
    const bias = values([w.channels], 4);
    const window = {
      height: w.size[0],
      width: w.size[1],
      channels: w.channels,
      outHeight,
      outWidth,
      outChannels: w.channels,
      kernelHeight: w.kernel[0],
      kernelWidth: w.kernel[1],
      strideHeight: w.stride[0],
      strideWidth: w.stride[1],
      dilationHeight: w.dilation[0],
      dilationWidth: w.dilation[1],
      paddingTop: w.before[0],
      paddingLeft: w.before[1],
    };
    const [from, to] = [bench.putBlock(x, input), bench.room((sizeOf(output) / w.images) * LANES)];
    const weights = bench.put(k);
    const whole = { inputStride: 0, outputStride: 0, groups: w.channels };
    const forward = { ...window, ...whole, input: from, weights, output: to, upHeight: 1, upWidth: 1 };
    bench.run('depthwise', { ...forward, bias: bench.put(bias), adds: 0 }, w.images);
    const expected = Float64Array.from({ length: sizeOf(output) }, (_, i) => bias[i % w.channels]!);
    eachProduct(w, (o, i, j) => (expected[o]! += x[i]! * k[j]!));
    expectClose(bench.readBlock(to, output), expected, `output of ${JSON.stringify(w)}`);

    const turned = bench.room(k.length);
    bench.runOnce('turnTaps', { weights, taps, channels: w.channels, turned }, (w.images % 3) + 1);
    const [gradient, inputGradient] = [bench.putBlock(dy, output), bench.putBlock(x, input)];
    const back = {
      ...forward,
      height: outHeight,
      width: outWidth,
      outHeight: window.height,
      outWidth: window.width,
      strideHeight: 1,
      strideWidth: 1,
      paddingTop: (w.kernel[0] - 1) * w.dilation[0] - w.before[0],
      paddingLeft: (w.kernel[1] - 1) * w.dilation[1] - w.before[1],
      upHeight: w.stride[0],
      upWidth: w.stride[1],
      input: gradient,
      weights: turned,
      output: inputGradient,
    };
    bench.run('depthwise', { ...back, bias: 0, adds: 1 }, w.images);
    const expectedInput = Float64Array.from(x);
    eachProduct(w, (o, i, j) => (expectedInput[i]! += dy[o]! * k[j]!));
    expectClose(bench.readBlock(inputGradient, input), expectedInput, `gradient of ${JSON.stringify(w)}`);

    const sums = bench.put(k);
    const places = { input: from, inputStride: 0, gradient, gradientStride: 0, sums, sumsStride: 0 };
    bench.run('depthwiseGradient', { ...window, ...places }, w.images);
    const expectedWeights = Float64Array.from(k);
    eachProduct(w, (o, i, j) => (expectedWeights[j]! += x[i]! * dy[o]!));
    expectClose(bench.read(sums, k.length), expectedWeights, `weights of ${JSON.stringify(w)}`);
    bench.checkGuards();
  }
  expect(cases.length).toBeGreaterThan(40);
});
