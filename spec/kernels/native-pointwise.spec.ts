import { isDeepStrictEqual } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Bench, createBench, expectClose, LANES, values } from './native-lanes.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

/** By number, in double precision; where there is a kink, where it is. */
const functions: readonly (readonly [
  name: string,
  parameter: number,
  f: (x: number) => number,
  kinks: readonly number[],
])[] = [
  ['relu', Infinity, (x) => Math.max(x, 0), [0]],
  ['leaky relu', 0.25, (x) => (x > 0 ? x : 0.25 * x), [0]],
  ['linear', 0, (x) => x, []],
  ['sigmoid', 0, sigmoid, []],
  ['hard sigmoid', 0, (x) => clamp(0.2 * x + 0.5, 0, 1), [-2.5, 2.5]],
  ['tanh', 0, Math.tanh, []],
  ['elu', 0, (x) => (x > 0 ? x : Math.expm1(x)), [0]],
  ['selu', 0, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)), [0]],
  ['softplus', 0, softplus, []],
  ['softsign', 0, (x) => x / (1 + Math.abs(x)), []],
  ['swish', 0, (x) => x * sigmoid(x), []],
  ['mish', 0, (x) => x * Math.tanh(softplus(x)), []],
  ['gelu', 0, (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)), []],
  ['hard swish', 0, (x) => (x * clamp(x + 3, 0, 6)) / 6, [-3, 3]],
  ['hard tanh', 0, (x) => clamp(x, -1, 1), [-1, 1]],
  ['log sigmoid', 0, (x) => -softplus(-x), []],
];

/** Largest difference, of value and slope, relative to the larger of 1 and the value. */
const ACCURACY = 6e-7;
/** Times gradients up to 2; what the difference quotient loses far out is left to it. */
const SLOPE_ACCURACY = 2.4e-6;

let bench: Bench;
beforeEach(() => {
  bench = createBench(8 << 20);
});

describe.each(functions.map((f, code) => [f[0], code, f] as const))(
  '%s',
  (_, code, [, parameter, f, kinks]) => {
    /** From -20 to 20, and beyond what e^x can say. */
    const xs = Float32Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 1000);
    xs.set([-1000, -100, -88, 88, 100, 1000, 1e-30, -1e-30]);

    it(`has its value within ${ACCURACY}, and 0 where there is no image`, () => {
      const [input, output] = [bench.put(xs), bench.room(xs.length)];
      const fields = {
        input,
        inputStride: 0,
        output,
        outputStride: 0,
        floats: xs.length / LANES,
        code,
        parameter,
      };
      bench.run('pointwise', fields);
      expect(worst(bench.read(output, xs.length), xs, f)).toBeLessThan(ACCURACY);
      bench.run('pointwise', fields, 3);
      const found = bench.read(output, xs.length);
      expect(found.every((value, i) => i % LANES < 3 || value === 0)).toBe(true);
      bench.checkGuards();
    });

    it(`has its slope within ${SLOPE_ACCURACY}, times the gradient`, () => {
      const gradient = bench.put(xs.map((_, i) => (i % 5) - 2));
      const input = bench.put(xs);
      const inputGradient = bench.put(new Float32Array(xs.length).fill(1));
      const places = { input, inputStride: 0, output: 0, outputStride: 0, gradient, gradientStride: 0 };
      const to = { inputGradient, inputGradientStride: 0, adds: 0 };
      const fields = { ...places, ...to, floats: xs.length / LANES, code, parameter };
      bench.run('pointwiseGradient', fields);
      const found = bench.read(inputGradient, xs.length);
      const slope = (x: number) => (f(x + 1e-6) - f(x - 1e-6)) / 2e-6;
      const distance = found.map((value, i) => {
        const x = xs[i]!;
        if (kinks.some((kink) => Math.abs(x - kink) < 1e-4)) return 0;
        return Math.abs(value - ((i % 5) - 2) * slope(x)) / Math.max(1, Math.abs(x) > 20 ? Math.abs(x) : 1);
      });
      expect(Math.max(...distance)).toBeLessThan(SLOPE_ACCURACY);
      bench.run('pointwiseGradient', { ...fields, adds: 1 });
      const added = bench.read(inputGradient, xs.length);
      // Not toEqual, which takes longer over 40,000 numbers than all the rest.
      expect(
        isDeepStrictEqual(
          added,
          found.map((value) => 2 * value),
        ),
      ).toBe(true);
      bench.checkGuards();
    });
  },
);

it('ReLU6 is cut off above, value and slope', () => {
  const xs = Float32Array.from([-1, 0, 1, 5.5, 6.5, 100, 3, -7]);
  const [input, output] = [bench.put(xs), bench.room(8)];
  const gradient = bench.put(new Float32Array(8).fill(2));
  const fields = { input, inputStride: 0, output, outputStride: 0, floats: 1, code: 0, parameter: 6 };
  bench.run('pointwise', fields);
  expect([...bench.read(output, 8)]).toEqual([0, 0, 1, 5.5, 6, 6, 3, 0]);
  const inputGradient = bench.room(8);
  const to = { gradient, gradientStride: 0, inputGradient, inputGradientStride: 0, adds: 0 };
  bench.run('pointwiseGradient', { ...fields, ...to });
  expect([...bench.read(inputGradient, 8)]).toEqual([0, 0, 2, 2, 0, 0, 2, 0]);
});

it.each([1, 3, 12])('parametric ReLU has %i slopes, learned from what is below 0', (slopes) => {
  const shape = [5, 2, 2, 3] as const;
  const [x, dy, alpha] = [values(shape, 1), values(shape, 2), values([slopes], 3)];
  const places = {
    input: bench.putBlock(x, shape),
    inputStride: 0,
    output: bench.room(12 * LANES),
    outputStride: 0,
    floats: 12,
    alpha: bench.put(alpha),
    slopes,
  };
  bench.run('parametricRelu', places, 5);
  const slopeOf = (i: number) => alpha[i % slopes]!;
  expectClose(
    bench.readBlock(places.output, shape),
    x.map((value, i) => (value > 0 ? value : slopeOf(i) * value)),
    'value',
  );
  const [inputGradient, sums] = [bench.room(12 * LANES), bench.put(alpha)];
  const from = { gradient: bench.putBlock(dy, shape), gradientStride: 0 };
  const to = { inputGradient, inputGradientStride: 0, sums, sumsStride: 0 };
  bench.run('parametricReluGradient', { ...places, ...from, ...to }, 5);
  expectClose(
    bench.readBlock(inputGradient, shape),
    dy.map((value, i) => (x[i]! > 0 ? value : slopeOf(i) * value)),
    'gradient',
  );
  const expected = Float64Array.from(alpha);
  x.forEach((value, i) => (expected[i % slopes]! += Math.min(value, 0) * dy[i]!));
  expectClose(bench.read(sums, slopes), expected, 'gradient of the slopes');
  bench.checkGuards();
});

function worst(found: Float32Array, xs: Float32Array, f: (x: number) => number): number {
  return Math.max(...found.map((value, i) => Math.abs(value - f(xs[i]!)) / Math.max(1, Math.abs(f(xs[i]!)))));
}

/** By its series and, far out, its continued fraction. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 3) {
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
    return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
  }
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
