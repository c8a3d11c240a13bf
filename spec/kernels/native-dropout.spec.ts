import { expect, it } from 'vitest';
import { dropoutBits, dropoutKey, dropoutThreshold } from '../../src/engine/draws.ts';
import { createBench, LANES, toLanes, values } from './native-lanes.ts';

it.each([
  ['of elements', 4 * 3 * 5, 1],
  ['of whole channels', 5, 4 * 3],
])(
  'dropout %s keeps what the draws keep, block after block, and adds where it should',
  (_, draws, repeats) => {
    const bench = createBench(4 << 20);
    const shape = [LANES, 4, 3, 5] as const;
    const floats = draws * repeats;
    const x = [values(shape, 1), values(shape, 2)];
    const bytes = floats * LANES * 4;
    const input = bench.put([...toLanes(x[0]!, shape), ...toLanes(x[1]!, shape)]);
    const output = bench.room(2 * floats * LANES);
    const key = dropoutKey(7, 1, 5);
    const rate = 0.3;
    const keyAt = bench.put([0]);
    new DataView(bench.memory.buffer).setUint32(keyAt, key, true);
    const fields = {
      input,
      inputStride: bytes,
      output,
      outputStride: bytes,
      draws,
      repeats,
      key: keyAt,
      threshold: dropoutThreshold(rate),
      keepScale: 1 / (1 - rate),
      adds: 0,
    };
    const scale = Math.fround(1 / (1 - rate));
    const kept = (block: number, i: number) => {
      const place = (block * LANES + Math.floor(i / floats)) * draws + ((i % floats) % draws);
      return dropoutBits(key, place, draws) >= dropoutThreshold(rate) ? scale : 0;
    };
    bench.run('dropout', fields, LANES, 0);
    bench.run('dropout', fields, LANES, 1);
    for (const block of [0, 1]) {
      const found = bench.readBlock(output + block * bytes, shape);
      expect(found).toEqual(x[block]!.map((value, i) => (kept(block, i) === 0 ? 0 : value * scale)));
    }
    bench.run('dropout', { ...fields, adds: 1 }, LANES, 1);
    const twice = x[1]!.map((value, i) => (kept(1, i) === 0 ? 0 : 2 * Math.fround(value * scale)));
    expect([...bench.readBlock(output + bytes, shape)]).toEqual([...twice]);
    bench.checkGuards();
  },
);
