import { describe, expect, it } from 'vitest';
import { createBench, expectClose, LANES, sizeOf, values } from './native-lanes.ts';
import { eachProduct, outputSizeOf, type Pair, type Windowed } from './naive-window.ts';

/** Size, padding, channels, filters, images. */
const cases: readonly (readonly [Pair, number, number, number, number])[] = [
  [[7, 6], 2, 5, 3, 8],
  [[4, 9], 2, 3, 7, 3],
  [[1, 2], 2, 4, 4, 5],
  [[6, 6], 0, 130, 9, 8],
  [[3, 4], 1, 64, 96, 2],
  [[2, 2], 1, 257, 30, 1],
  [[4, 4], 1, 8, 512, 1],
  [[3, 3], 1, 512, 6, 1],
];

describe.each([2, 4])(
  'Winograd convolution by tiles of %i, of any padding up to 2 and of many channels,',
  (side) => {
    it.each(cases)(
      'size %j, padding %i, %i channels, %i filters, %i images',
      (size, padding, channels, filters, images) => {
        const pair = (value: number): Pair => [value, value];
        const w: Windowed = {
          images,
          size,
          channels,
          filters,
          groups: 1,
          kernel: pair(3),
          stride: pair(1),
          dilation: pair(1),
          before: pair(padding),
          after: pair(padding),
        };
        const [outHeight, outWidth] = outputSizeOf(w);
        const input = [images, ...size, channels] as const;
        const output = [images, outHeight, outWidth, filters] as const;
        const [x, k, dy] = [values(input, 1), values([3, 3, channels, filters], 2), values(output, 3)];
        const bench = createBench(64 << 20);
        const { kernels } = bench;
        const count = channels * filters;
        const plane = Math.ceil(count / 4) * 4;
        const planes = (side + 2) ** 2;
        const room = () => bench.room(planes * plane);
        const [transformed, packed, turned] = [room(), room(), room()];
        kernels.winogradWeights(side, bench.put(k), plane, count, transformed);
        kernels.winogradPack(side, transformed, plane, channels, filters, packed, turned);
        const scratch = bench.room(kernels.winogradScratch(side, outHeight, outWidth, channels, filters) / 4);
        const [from, to] = [bench.putBlock(x, input), bench.room((sizeOf(output) / images) * LANES)];
        const sizes = [size[0], size[1], channels] as const;
        const outSizes = [outHeight, outWidth, filters] as const;
        kernels.winogradConvolve(side, from, ...sizes, packed, plane, padding, to, ...outSizes, scratch);
        const expected = new Float64Array(sizeOf(output));
        const expectedInput = new Float64Array(sizeOf(input));
        const expectedWeights = new Float64Array(k.length);
        eachProduct(w, (o, i, j) => {
          expected[o]! += x[i]! * k[j]!;
          expectedInput[i]! += dy[o]! * k[j]!;
          expectedWeights[j]! += x[i]! * dy[o]!;
        });
        expectClose(bench.readBlock(to, output), expected, 'output', 1e-4);

        // The kernels write back up to three floats behind the sums.
        const sums = bench.zeros(planes * count + 4);
        const inputGradient = bench.room((sizeOf(input) / images) * LANES);
        const gradient = bench.putBlock(dy, output);
        kernels.winogradGradients(
          side,
          from,
          ...sizes,
          turned,
          plane,
          padding,
          gradient,
          ...outSizes,
          sums,
          inputGradient,
          scratch,
        );
        const weightGradient = bench.room(k.length);
        kernels.winogradWeightGradient(side, sums, count, weightGradient);
        expectClose(bench.readBlock(inputGradient, input), expectedInput, 'input gradient', 1e-4);
        expectClose(bench.read(weightGradient, k.length), expectedWeights, 'weight gradient', 1e-4);
        bench.checkGuards();
        expect(scratch).toBeGreaterThan(0);
      },
    );
  },
);
