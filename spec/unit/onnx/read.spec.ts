import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { factsOfOnnx } from '../../../src/onnx/facts.ts';
import { parseOnnx, readOnnxFile } from '../../../src/onnx/file.ts';
import { networkOfOnnx } from '../../../src/onnx/network.ts';
import { readOnnx } from '../../../src/onnx/read.ts';
import { onnxBytes, type Written, type WrittenNode } from '../../support/onnx-bytes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

const convolution: WrittenNode = { op: 'Conv', in: ['x', 'conv.weight'], out: 'a' };
const head: readonly WrittenNode[] = [
  { op: 'GlobalAveragePool', in: ['b'], out: 'c' },
  { op: 'Flatten', in: ['c'], out: 'd' },
];
const weights = { 'conv.weight': [[4, 1, 3, 3]] } as const;

function read(written: Written) {
  return readOnnx(parseOnnx(onnxBytes(written), 'net.onnx'));
}

describe('an operator that is none of our layers', () => {
  it('is named, and makes unknown what depends on it, but not the count of the weights', () => {
    const unknown = { op: 'Einsum', in: ['a'], out: 'b', texts: { equation: 'nchw->nchw' } };
    const net = read({ nodes: [convolution, unknown, ...head], weights });
    const facts = factsOfOnnx(net);
    expect(facts.parameters).toEqual({ known: true, value: 36 });
    expect(facts.multiplyAdds).toMatchObject({
      known: false,
      reason: 'what layer einsum1 (Einsum) costs is not known',
    });
    expect(facts.receptiveField).toMatchObject({
      known: false,
      reason: expect.stringContaining('einsum1 (Einsum)'),
    });
    expect(networkOfOnnx(net)).toMatchObject({
      reason: expect.stringContaining('einsum1 (Einsum) is not known'),
    });
  });

  it('leaves the receptive field known where it passes every position on by itself', () => {
    const hard = { op: 'HardSigmoid', in: ['a'], out: 'b', floats: { alpha: 0.1666667 } };
    const net = read({ nodes: [convolution, hard, ...head], weights });
    expect(factsOfOnnx(net)).toMatchObject({
      multiplyAdds: { known: true, value: 36 * 36 },
      receptiveField: { known: true, value: { height: 8, width: 8 } },
    });
    expect(networkOfOnnx(net)).toMatchObject({ reason: expect.stringContaining('the slope 0.1666667') });
  });
});

describe('what exporters write in several ways', () => {
  it.each([
    ['a relu and a bound', { op: 'Clip', in: ['a', 'low', 'high'], out: 'b' }, { type: 'relu', max: 6 }],
    [
      'a leaky relu',
      { op: 'LeakyRelu', in: ['a'], out: 'b', floats: { alpha: 0.2 } },
      { type: 'leakyRelu', slope: 0.2 },
    ],
    [
      'an upper same padding',
      {
        op: 'MaxPool',
        in: ['a'],
        out: 'b',
        ints: { kernel_shape: [3, 3], strides: [2, 2] },
        texts: { auto_pad: 'SAME_UPPER' },
      },
      {
        type: 'maxPool',
        padding: [
          [0, 1],
          [0, 1],
        ],
      },
    ],
    [
      'a pooling that rounds up',
      { op: 'MaxPool', in: ['a'], out: 'b', ints: { kernel_shape: [4, 4], strides: [4, 4], ceil_mode: 1 } },
      {
        type: 'maxPool',
        padding: [
          [0, 2],
          [0, 2],
        ],
      },
    ],
  ])('%s', (_, node, layer) => {
    const bounds = { low: [[], [0]], high: [[], [6]] } as const;
    const network = networkOfOnnx(
      read({ nodes: [convolution, node, ...head], weights: { ...weights, ...bounds } }),
    );
    expect('reason' in network ? network.reason : network.network.layers[1]).toMatchObject(layer);
  });

  it('channels last, as Keras has them: transposed in and out, and flattened in that order', () => {
    const network = networkOfOnnx(
      read({
        input: [null, 8, 8, 3],
        nodes: [
          { op: 'Transpose', in: ['x'], out: 't', ints: { perm: [0, 3, 1, 2] } },
          {
            op: 'Conv',
            in: ['t', 'conv/kernel'],
            out: 'a',
            ints: { strides: [2, 2] },
            texts: { auto_pad: 'SAME_UPPER' },
          },
          { op: 'Transpose', in: ['a'], out: 'b', ints: { perm: [0, 2, 3, 1] } },
          { op: 'Flatten', in: ['b'], out: 'c' },
          { op: 'MatMul', in: ['c', 'dense/kernel'], out: 'd' },
          { op: 'Add', in: ['d', 'dense/bias'], out: 'e' },
        ],
        weights: { 'conv/kernel': [[2, 3, 3, 3]], 'dense/kernel': [[32, 5]], 'dense/bias': [[5]] },
      }),
    );
    expect('reason' in network ? network.reason : network.network).toEqual({
      input: [8, 8, 3],
      layers: [
        {
          type: 'convolution',
          name: 'conv',
          filters: 2,
          kernel: 3,
          stride: 2,
          padding: [
            [0, 1],
            [0, 1],
          ],
          dilation: 1,
          groups: 1,
          bias: false,
        },
        { type: 'flatten', name: 'flatten1' },
        { type: 'dense', name: 'dense', units: 5, bias: true },
      ],
    });
  });

  it('weights that two layers share count once, and are no network of ours', () => {
    const again = { op: 'Conv', in: ['a', 'second.weight'], out: 'b0' };
    const third = { op: 'Conv', in: ['b0', 'second.weight'], out: 'b' };
    const net = read({
      nodes: [convolution, again, third, ...head],
      weights: { ...weights, 'second.weight': [[4, 4, 1, 1]] },
    });
    expect(factsOfOnnx(net).parameters).toEqual({ known: true, value: 36 + 16 });
    expect(networkOfOnnx(net)).toEqual({ reason: 'two of its layers have the same weights, second.weight' });
  });
});

describe('a file that cannot be used', () => {
  const good = onnxBytes({ nodes: [convolution, { op: 'Relu', in: ['a'], out: 'b' }, ...head], weights });
  const messageOf = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof GateError) return error.message;
      throw error;
    }
    return 'no error';
  };

  it.each<[string, Uint8Array, string]>([
    ['is empty', new Uint8Array(0), 'expected a graph with operators and an output, found no graph'],
    [
      'is text',
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1'),
      'a file of Git LFS has to be fetched first',
    ],
    ['is cut off', good.subarray(0, good.length - 20), 'expected a protobuf message of type ModelProto'],
  ])('because it %s', (_, bytes, words) => {
    expect(messageOf(() => readOnnx(parseOnnx(bytes, 'net.onnx')))).toContain(words);
  });

  it('because a tensor has other sizes than numbers', () => {
    const short = onnxBytes({
      nodes: [convolution, ...head],
      weights: {
        'conv.weight': [
          [4, 1, 3, 3],
          [1, 2, 3],
        ],
      },
    });
    expect(messageOf(() => parseOnnx(short, 'net.onnx'))).toContain(
      'expected 36 values of "conv.weight", found 3',
    );
  });

  it('because it has no image as input, or one of unknown size', () => {
    expect(messageOf(() => read({ nodes: [convolution, ...head], weights, input: [null, 64] }))).toContain(
      'net.onnx reads [any, 64]: expected images',
    );
    expect(
      messageOf(() => read({ nodes: [convolution, ...head], weights, input: [null, 1, null, null] })),
    ).toContain('expected images of known size');
  });

  it('because the images are of another size', () => {
    const file = parseOnnx(good, 'net.onnx');
    expect(messageOf(() => readOnnx(file, [28, 28, 1]))).toContain(
      'reads [any, 1, 8, 8], but the images are 28 x 28 x 1',
    );
  });

  it('because it is larger than a small network: before it is read', () => {
    const file = path.join(folder, 'bomb.onnx');
    writeFileSync(file, '');
    truncateSync(file, 65 * 2 ** 20);
    expect(messageOf(() => readOnnxFile(file))).toContain(
      'is too large: expected an ONNX file of at most 64 MiB, found 65.0 MiB',
    );
  });
});

describe('a file that doubles a list of sizes over and over', () => {
  it('is read without taking the memory for it', () => {
    const doubling = Array.from({ length: 40 }, (_, i): WrittenNode => {
      const list = i === 0 ? 'sizes' : `list${i - 1}`;
      return { op: 'Concat', in: [list, list], out: `list${i}`, ints: { axis: 0 } };
    });
    const nodes: readonly WrittenNode[] = [
      convolution,
      { op: 'Shape', in: ['a'], out: 'sizes' },
      ...doubling,
      { op: 'Reshape', in: ['a', 'list39'], out: 'b' },
      ...head,
    ];
    expect(networkOfOnnx(read({ nodes, weights }))).toMatchObject({
      reason: expect.stringContaining('reshape1 (Reshape) is given sizes that are computed'),
    });
  });
});
