import { beforeEach, describe, expect, it } from 'vitest';
import { type Bench, createBench, type Shape4, values } from './native-lanes.ts';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

describe('add', () => {
  it('adds two values, into a third or in place', () => {
    const shape: Shape4 = [8, 3, 5, 7];
    const [x, y] = [values(shape, 1), values(shape, 2)];
    const [a, b, output] = [bench.putBlock(x, shape), bench.putBlock(y, shape), bench.room(3 * 5 * 7 * 8)];
    const strides = { aStride: 0, bStride: 0, outputStride: 0, floats: 3 * 5 * 7 };
    bench.run('add', { a, b, output, ...strides });
    bench.run('add', { a, b, output: b, ...strides });
    const expected = x.map((value, i) => value + y[i]!);
    expect(bench.readBlock(output, shape)).toEqual(expected);
    expect(bench.readBlock(b, shape)).toEqual(expected);
    bench.checkGuards();
  });
});

describe('copyChannels', () => {
  it('puts channels of several values side by side, and cuts them apart again', () => {
    const sizes = [3, 1, 4] as const;
    const pixels = 6;
    const parts = sizes.map((channels, i) => values([8, 2, 3, channels], i));
    const whole = bench.room(pixels * 8 * 8);
    const strides = { fromStride: 0, toStride: 0, pixels, adds: 0 };
    let first = 0;
    sizes.forEach((channels, i) => {
      const from = bench.putBlock(parts[i]!, [8, 2, 3, channels]);
      const places = { fromChannels: channels, fromFirst: 0, toChannels: 8, toFirst: first, channels };
      bench.run('copyChannels', { from, to: whole, ...places, ...strides });
      first += channels;
    });
    const found = bench.readBlock(whole, [8, 2, 3, 8]);
    const [a, b, c] = parts as [Float32Array, Float32Array, Float32Array];
    const expected = Array.from({ length: 8 * pixels }, (_, p) => [
      ...a.slice(3 * p, 3 * p + 3),
      b[p],
      ...c.slice(4 * p, 4 * p + 4),
    ]);
    expect([...found]).toEqual(expected.flat());

    const back = bench.putBlock(new Float32Array(8 * pixels * 4).fill(1), [8, 2, 3, 4]);
    const places = { fromChannels: 8, fromFirst: 4, toChannels: 4, toFirst: 0, channels: 4 };
    bench.run('copyChannels', { from: whole, to: back, ...places, ...strides, adds: 1 });
    expect(bench.readBlock(back, [8, 2, 3, 4])).toEqual(c.map((value) => 1 + value));
    bench.checkGuards();
  });
});

describe('turn', () => {
  it('exchanges pixels and channels, and adds where it should', () => {
    const shape: Shape4 = [6, 1, 4, 3];
    const x = values(shape, 1);
    const places = { from: bench.putBlock(x, shape), fromStride: 0, toStride: 0, rows: 4, columns: 3 };
    const to = bench.room(12 * 8);
    bench.run('turn', { ...places, to, adds: 0 });
    const at = (n: number, c: number, p: number) => x[(n * 4 + p) * 3 + c]!;
    const expected = Array.from(x, (_, i) => at(Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4));
    expect([...bench.readBlock(to, shape)]).toEqual(expected);
    bench.run('turn', { ...places, to, adds: 1 });
    expect([...bench.readBlock(to, shape)]).toEqual(expected.map((value) => 2 * value));
    bench.checkGuards();
  });
});
