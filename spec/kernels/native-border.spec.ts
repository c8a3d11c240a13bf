import { expect, it } from 'vitest';
import { createBench, LANES, values } from './native-lanes.ts';

/** What stands where, worked out by hand: a row 0 1 2 3 with 3 before and 2 after. */
it.each([
  ['zeros', 0, [9, 9, 9, 0, 1, 2, 3, 9, 9]],
  ['the border', 1, [0, 0, 0, 0, 1, 2, 3, 3, 3]],
  ['what lies beside the border, mirrored', 2, [3, 2, 1, 0, 1, 2, 3, 2, 1]],
])('a map is padded with %s, along both axes, and gives its gradient back', (_, mode, sources) => {
  const bench = createBench(4 << 20);
  const [side, outSide, channels, images] = [4, 9, 3, 5];
  const [shape, outShape] = [
    [images, side, side, channels] as const,
    [images, outSide, outSide, channels] as const,
  ];
  const [x, dy] = [values(shape, 1), values(outShape, 2)];
  const places = {
    input: bench.putBlock(x, shape),
    inputStride: 0,
    height: side,
    width: side,
    channels,
    output: bench.room(outSide * outSide * channels * LANES),
    outputStride: 0,
    outHeight: outSide,
    outWidth: outSide,
    top: 3,
    left: 3,
    mode,
    adds: 0,
  };
  bench.run('pad', places, images);
  const expected = new Float32Array(dy.length);
  const gradient = Float64Array.from(x);
  dy.forEach((value, i) => {
    const c = i % channels;
    const column = sources[Math.floor(i / channels) % outSide]!;
    const row = sources[Math.floor(i / channels / outSide) % outSide]!;
    const n = Math.floor(i / channels / outSide / outSide);
    // 9: nothing lies there.
    if (row === 9 || column === 9) return;
    const from = ((n * side + row) * side + column) * channels + c;
    expected[i] = x[from]!;
    gradient[from]! += value;
  });
  expect(bench.readBlock(places.output, outShape)).toEqual(expected);
  bench.run('padGradient', { ...places, output: bench.putBlock(dy, outShape), adds: 1 }, images);
  const found = bench.readBlock(places.input, shape);
  expect(Math.max(...found.map((value, i) => Math.abs(value - gradient[i]!)))).toBeLessThan(2e-6);
  bench.run('padGradient', { ...places, output: bench.putBlock(dy, outShape), adds: 0 }, images);
  const alone = bench.readBlock(places.input, shape);
  expect(Math.max(...alone.map((value, i) => Math.abs(value - (gradient[i]! - x[i]!))))).toBeLessThan(2e-6);
  bench.checkGuards();
});
