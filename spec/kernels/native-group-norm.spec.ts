import { expect, it } from 'vitest';
import { createBench, expectClose, LANES, sizeOf, values } from './native-lanes.ts';

const EPSILON = 1e-3;

/** Sets, positions, channels, groups; factors: of gamma and beta, 0: none; images. */
const cases: readonly (readonly [string, number, number, number, number, number, number])[] = [
  ['group norm', 1, 6, 8, 4, 8, 8],
  ['group norm without factors', 1, 35, 6, 3, 0, 5],
  ['instance norm', 1, 12, 5, 5, 5, 3],
  ['layer norm over channels', 9, 1, 7, 1, 7, 8],
  ['layer norm over the image', 1, 6, 4, 1, 24, 2],
  ['layer norm of a vector', 1, 1, 11, 1, 11, 7],
];

it.each(cases)(
  '%s has the values and gradients of its definition',
  (_, sets, positions, channels, groups, factors, images) => {
    const bench = createBench(8 << 20);
    const perImage = sets * positions * channels;
    const shape = [images, 1, 1, perImage] as const;
    const [x, dy, beta] = [values(shape, 1), values(shape, 2), values([factors], 4)];
    const gamma = values([factors], 3).map((value) => value + 1.5);
    const own = channels / groups;

    /** The groups of values that are normalized together, as indices. */
    const together = Array.from({ length: images * sets * groups }, (_, i) => {
      const group = i % groups;
      const run = Math.floor(i / groups);
      return Array.from({ length: positions * own }, (_, j) => {
        const position = run * positions + Math.floor(j / own);
        return position * channels + group * own + (j % own);
      });
    });
    const factorOf = (index: number) => (index % perImage) % factors;
    const normalized = (input: Float64Array) => {
      const output = new Float64Array(input.length);
      for (const indices of together) {
        const mean = indices.reduce((sum, i) => sum + input[i]!, 0) / indices.length;
        const variance = indices.reduce((sum, i) => sum + (input[i]! - mean) ** 2, 0) / indices.length;
        for (const i of indices) output[i] = (input[i]! - mean) / Math.sqrt(variance + EPSILON);
      }
      return output;
    };
    const forward = (input: Float64Array) =>
      normalized(input).map((value, i) =>
        factors === 0 ? value : value * gamma[factorOf(i)]! + beta[factorOf(i)]!,
      );

    const places = {
      input: bench.putBlock(x, shape),
      inputStride: 0,
      sets,
      positions,
      channels,
      groups,
      statistics: bench.room(sets * groups * 2 * LANES),
      statisticsStride: 0,
      epsilon: EPSILON,
      gamma: factors === 0 ? 0 : bench.put(gamma),
      beta: factors === 0 ? 0 : bench.put(beta),
      factors,
    };
    const output = bench.room(perImage * LANES);
    bench.run('groupNorm', { ...places, output, outputStride: 0 }, images);
    const exact = Float64Array.from(x);
    expectClose(bench.readBlock(output, shape), forward(exact), 'output');
    const dead = bench.read(output, perImage * LANES).filter((_, i) => i % LANES >= images);
    expect(dead.every((value) => value === 0)).toBe(true);

    const inputGradient = bench.room(perImage * LANES);
    const [gammaSums, betaSums] = [bench.put(gamma), bench.put(beta)];
    bench.run(
      'groupNormGradient',
      {
        ...places,
        gradient: bench.putBlock(dy, shape),
        gradientStride: 0,
        inputGradient,
        inputGradientStride: 0,
        gammaSums: factors === 0 ? 0 : gammaSums,
        gammaSumsStride: 0,
        betaSums: factors === 0 ? 0 : betaSums,
        betaSumsStride: 0,
      },
      images,
    );
    // Central differences of the sum that dy weighs, in double precision.
    const loss = (input: Float64Array) => forward(input).reduce((sum, value, i) => sum + value * dy[i]!, 0);
    const expected = exact.map((value, i) => {
      const at = (moved: number) => loss(exact.with(i, moved));
      return (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
    });
    expectClose(bench.readBlock(inputGradient, shape), expected, 'input gradient');
    const xhat = normalized(exact);
    const expectedGamma = Float64Array.from(gamma);
    const expectedBeta = Float64Array.from(beta);
    if (factors > 0) {
      for (let i = 0; i < sizeOf(shape); i++) {
        expectedGamma[factorOf(i)]! += dy[i]! * xhat[i]!;
        expectedBeta[factorOf(i)]! += dy[i]!;
      }
      expectClose(bench.read(gammaSums, factors), expectedGamma, 'gradient of gamma');
      expectClose(bench.read(betaSums, factors), expectedBeta, 'gradient of beta');
    }
    bench.checkGuards();
  },
);
