import { describe, expect, it } from 'vitest';
import { type Bench, createBench, expectClose, LANES, sizeOf, values } from './native-lanes.ts';
import { counts, outputSizeOf, type Pair, type Windowed } from './naive-window.ts';

const WINDOWS: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [3, 2],
  [7, 6],
];
const STRIDES: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 1],
];
/** Less than half of most windows, before and after. */
const PADDINGS: readonly (readonly [Pair, Pair])[] = [
  [
    [0, 0],
    [0, 0],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [0, 1],
    [1, 0],
  ],
];
const SIZES: readonly Pair[] = [
  [7, 6],
  [8, 9],
];

const cases: readonly Windowed[] = WINDOWS.flatMap((kernel) =>
  STRIDES.flatMap((stride) =>
    PADDINGS.flatMap(([before, after]) => SIZES.map((size) => ({ size, kernel, stride, before, after }))),
  ),
)
  .map((window, i): Windowed => {
    const channels = (i % 5) + 1;
    return { ...window, dilation: [1, 1], groups: 1, channels, filters: channels, images: (i % LANES) + 1 };
  })
  .filter(({ kernel, before, after }) =>
    [0, 1].every((i) => before[i]! < kernel[i]! && after[i]! < kernel[i]!),
  );

/** For each output, the inputs inside its window, as indices. */
function windowsOf(w: Windowed): readonly (readonly number[])[] {
  const [outHeight, outWidth] = outputSizeOf(w);
  return [...counts([w.images, outHeight, outWidth, w.channels])]
    .map(() => [])
    .map((_, index) => {
      const c = index % w.channels;
      const x = Math.floor(index / w.channels) % outWidth;
      const y = Math.floor(index / w.channels / outWidth) % outHeight;
      const n = Math.floor(index / w.channels / outWidth / outHeight);
      const inside: number[] = [];
      for (const [ky, kx] of counts(w.kernel)) {
        const row = y * w.stride[0] - w.before[0] + ky!;
        const column = x * w.stride[1] - w.before[1] + kx!;
        if (row < 0 || row >= w.size[0] || column < 0 || column >= w.size[1]) continue;
        inside.push(((n * w.size[0] + row) * w.size[1] + column) * w.channels + c);
      }
      return inside;
    });
}

function setOf(w: Windowed, bench: Bench) {
  const [outHeight, outWidth] = outputSizeOf(w);
  const input = [w.images, ...w.size, w.channels] as const;
  const output = [w.images, outHeight, outWidth, w.channels] as const;
  // Few different values, so that windows have equal maxima.
  const x = values(input, 1).map((value) => Math.round(4 * value) / 4 + 0);
  const dy = values(output, 2);
  const places = {
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
    dilationHeight: 1,
    dilationWidth: 1,
    paddingTop: w.before[0],
    paddingLeft: w.before[1],
    input: bench.putBlock(x, input),
    inputStride: 0,
    output: bench.room((sizeOf(output) / w.images) * LANES),
    outputStride: 0,
  };
  const start = values(input, 3);
  const inputGradient = bench.putBlock(start, input);
  const adds = w.images % 2;
  const gradients = {
    gradient: bench.putBlock(dy, output),
    gradientStride: 0,
    inputGradient,
    inputGradientStride: 0,
    adds,
  };
  return {
    input,
    output,
    x,
    dy,
    places,
    gradients,
    expected: Float64Array.from(start, (value) => adds * value),
  };
}

describe.each([
  ['the first', 0],
  ['all', 1],
])('max pooling of any window, %s of equal maxima', (_, toAll) => {
  it('takes the maximum of what lies inside the map, and gives them its gradient', () => {
    for (const w of cases) {
      const bench = createBench(4 << 20);
      const { input, output, x, dy, places, gradients, expected } = setOf(w, bench);
      const windows = windowsOf(w);
      bench.run('maxPool', { ...places, countsPadding: 0 }, w.images);
      const what = JSON.stringify(w);
      const maxima = windows.map((inside) => Math.max(...inside.map((i) => x[i]!)));
      expect([...bench.readBlock(places.output, output)], what).toEqual(maxima);
      bench.run('maxPoolGradient', { ...places, ...gradients, countsPadding: 0, toAll }, w.images);
      windows.forEach((inside, o) => {
        const top = inside.filter((i) => x[i] === maxima[o]);
        for (const i of toAll ? top : top.slice(0, 1)) expected[i]! += dy[o]!;
      });
      expectClose(bench.readBlock(gradients.inputGradient, input), expected, what);
      bench.checkGuards();
    }
  });
});

describe.each([
  ['without', 0],
  ['with', 1],
])('average pooling of any window, %s the zeros around the map', (_, countsPadding) => {
  it('takes the mean, and spreads the gradient', () => {
    for (const w of cases) {
      const bench = createBench(4 << 20);
      const { input, output, x, dy, places, gradients, expected } = setOf(w, bench);
      const windows = windowsOf(w);
      const countOf = (inside: readonly number[]) =>
        countsPadding ? w.kernel[0] * w.kernel[1] : inside.length;
      bench.run('averagePool', { ...places, countsPadding }, w.images);
      const what = JSON.stringify(w);
      const means = windows.map((inside) => inside.reduce((sum, i) => sum + x[i]!, 0) / countOf(inside));
      expectClose(bench.readBlock(places.output, output), means, what);
      bench.run('averagePoolGradient', { ...places, ...gradients, countsPadding, toAll: 0 }, w.images);
      windows.forEach((inside, o) => {
        for (const i of inside) expected[i]! += dy[o]! / countOf(inside);
      });
      expectClose(bench.readBlock(gradients.inputGradient, input), expected, what);
      bench.checkGuards();
    }
  });
});
