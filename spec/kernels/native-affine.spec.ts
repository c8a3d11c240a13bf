import { expect, it } from 'vitest';
import { createBench, expectClose, LANES, values } from './native-lanes.ts';

it('batch norm without ReLU scales, shifts, and adds up what its gradient needs', () => {
  const bench = createBench(4 << 20);
  // More than fits into what is added up at a time.
  const shape = [5, 13, 10, 7] as const;
  const pixels = 130;
  const [x, dy, scale, shift] = [values(shape, 1), values(shape, 2), values([7], 3), values([7], 4)];
  const input = bench.putBlock(x, shape);
  const output = bench.room(pixels * 7 * LANES);
  const sizes = { pixels, channels: 7 };
  const factors = { scale: bench.put(scale), shift: bench.put(shift) };
  bench.run('affine', { input, inputStride: 0, output, outputStride: 0, ...sizes, ...factors }, 5);
  expectClose(
    bench.readBlock(output, shape),
    x.map((value, i) => value * scale[i % 7]! + shift[i % 7]!),
    'output',
  );
  expect(bench.read(output, pixels * 7 * LANES).every((value, i) => i % LANES < 5 || value === 0)).toBe(true);
  const start = Array.from({ length: 14 }, (_, i) => i);
  const sums = bench.putDoubles(start);
  const places = { gradient: bench.putBlock(dy, shape), gradientStride: 0, z: input, zStride: 0 };
  const scratch = bench.room(7 * 16);
  bench.run('affineGradient', { ...places, ...sizes, sums, sumsStride: 0, scratch }, 5);
  const expected = Float64Array.from(start);
  dy.forEach((value, i) => {
    expected[2 * (i % 7)]! += value;
    expected[2 * (i % 7) + 1]! += value * x[i]!;
  });
  expectClose(bench.readDoubles(sums, 14), expected, 'sums');
  bench.checkGuards();
});
