import { describe, expect, it } from 'vitest';
import { weightsOfStateDict } from '../../../src/exchange/state-dict.ts';
import { type FloatTensor, parseSafetensors, safetensorsOf } from '../../../src/formats/safetensors.ts';
import { graphOf } from '../../../src/model/graph.ts';

const graph = graphOf({
  input: [2, 2, 2],
  layers: [
    { type: 'convolution', filters: 2, kernel: 1, bias: true },
    { type: 'flatten' },
    { type: 'dense', units: 1, bias: false },
  ],
});
const tensor = (dims: readonly number[], ...values: number[]): FloatTensor => ({
  dims,
  values: Float32Array.from(values),
});
/** As nn.Sequential(Conv2d(2, 2, 1), Flatten(), Linear(8, 1, bias=False)) names them. */
const sequential = new Map([
  ['0.weight', tensor([2, 2, 1, 1], 1, 2, 3, 4)],
  ['0.bias', tensor([2], 5, 6)],
  ['2.weight', tensor([1, 8], 0, 1, 2, 3, 4, 5, 6, 7)],
]);
const renamed = (change: (name: string) => string) =>
  new Map([...sequential].map(([name, value]) => [change(name), value]));

describe("PyTorch's weights", () => {
  it('of an nn.Sequential come in the order of the layers, kernels and flattened maps turned', () => {
    expect(Object.fromEntries(weightsOfStateDict(graph, sequential, 'net'))).toEqual({
      // [in, out]
      conv1: [Float32Array.of(1, 3, 2, 4), Float32Array.of(5, 6)],
      // Channel 0 of each position is among the first four.
      dense1: [Float32Array.of(0, 4, 1, 5, 2, 6, 3, 7)],
    });
  });

  it('are found under the names of the layers, or under those that are given', () => {
    const expected = weightsOfStateDict(graph, sequential, 'net');
    const own = renamed((name) => name.replace(/^0/, 'conv1').replace(/^2/, 'dense1'));
    expect(weightsOfStateDict(graph, own, 'net')).toEqual(expected);
    const theirs = renamed((name) => name.replace(/^0/, 'body.first').replace(/^2/, 'head'));
    const names = { conv1: 'body.first', dense1: 'head' };
    expect(weightsOfStateDict(graph, theirs, 'net', names)).toEqual(expected);
  });

  it.each<[string, ReadonlyMap<string, FloatTensor>, Readonly<Record<string, string>>, string]>([
    [
      'a name is unknown',
      renamed((name) => `body${name}`),
      {},
      'net has no "conv1.weight" for layer conv1: found body0.weight',
    ],
    [
      'a layer is unknown',
      sequential,
      { conv7: '0' },
      'names: "conv7" is no layer with weights. Known: conv1, dense1',
    ],
    [
      'a module is left over',
      new Map([...sequential, ['3.weight', tensor([1], 1)]]),
      {},
      'net has 3 modules with weights',
    ],
    [
      'an array is left over',
      new Map([...sequential, ['2.bias', tensor([1], 1)]]),
      {},
      'net holds more than the network: 2.bias',
    ],
    [
      'sizes are others',
      new Map([...sequential, ['0.weight', tensor([2, 1, 2, 1], 1, 2, 3, 4)]]),
      {},
      '"0.weight" is 2 x 1 x 2 x 1: expected 2 x 2 x 1 x 1',
    ],
  ])('are refused where %s', (_, tensors, names, message) => {
    expect(() => weightsOfStateDict(graph, tensors, 'net', names)).toThrow(message);
  });
});

describe('a safetensors file', () => {
  const bytes = safetensorsOf(sequential);

  it('comes out as it went in', () => {
    expect([...parseSafetensors(bytes, 'net')]).toEqual([...sequential]);
  });

  it("leaves out PyTorch's counters", () => {
    const file = withHeader(
      { 'bn.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [0, 8] } },
      8,
    );
    expect(parseSafetensors(file, 'net').size).toBe(0);
  });

  it.each<[string, Uint8Array, string]>([
    ['is empty', new Uint8Array(0), 'expected the length of a header'],
    ['is cut off', bytes.subarray(0, bytes.length - 4), 'bytes of "2.weight" within'],
    [
      'has a header without end',
      Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 127, 1]),
      'a header of at most 1 bytes',
    ],
    ['has no JSON', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 91, 1]), 'expected a header in JSON'],
    ['lists nothing', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 91, 93]), 'a header that lists tensors'],
    [
      'has halves',
      withHeader({ w: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, 4),
      'of type F16: expected F32',
    ],
    [
      'counts wrong',
      withHeader({ w: { dtype: 'F32', shape: [2 ** 30, 2 ** 30], data_offsets: [0, 4] } }, 4),
      'bytes of "w" within 4, found 0 to 4',
    ],
  ])('is refused where it %s', (_, file, message) => {
    expect(() => parseSafetensors(file, 'net')).toThrow(message);
  });
});

function withHeader(header: object, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return Uint8Array.from([...length, ...text, ...new Uint8Array(dataBytes)]);
}
