import { describe, expect, it } from 'vitest';
import { GateError } from '../../src/errors.ts';
import { graphOf } from '../../src/model/graph.ts';
import { networkOfTokens } from './tokens.ts';

const INPUT = [12, 10, 4] as const;

/** Tokens, and what the last layer but the flatten at the end must be: its settings, and its output's shape. */
const cases: readonly [string, object, number[]][] = [
  [
    'C6k3x1s2x1p1x0d1g2b',
    {
      type: 'convolution',
      filters: 6,
      kernel: [3, 1],
      stride: [2, 1],
      padding: [1, 0],
      groups: 2,
      bias: true,
    },
    [6, 10, 6],
  ],
  [
    'C4k3p2d2g4*reflect',
    { dilation: [2, 2], groups: 4, bias: false, paddingMode: 'reflect', padding: [2, 2] },
    [12, 10, 4],
  ],
  ['C4k3p1*replicate', { paddingMode: 'replicate' }, [12, 10, 4]],
  ['C4k4p1*same', { padding: 'same', paddingMode: 'zeros' }, [12, 10, 4]],
  ['C4k5', { kernel: [5, 5], padding: [0, 0], stride: [1, 1], bias: false }, [8, 6, 4]],
  ['BN', { type: 'batchNorm', scale: true, center: true, epsilon: 1e-5, momentum: 0.9 }, [12, 10, 4]],
  ['BN!', { type: 'batchNorm', scale: false, center: false }, [12, 10, 4]],
  ['GN2', { type: 'groupNorm', groups: 2, affine: true, epsilon: 1e-5 }, [12, 10, 4]],
  ['LN', { type: 'layerNorm', over: 'image' }, [12, 10, 4]],
  ['LN3', { type: 'layerNorm', over: 'image' }, [12, 10, 4]],
  ['IN', { type: 'instanceNorm', affine: false }, [12, 10, 4]],
  ['R', { type: 'relu' }, [12, 10, 4]],
  ['R6', { type: 'relu', max: 6 }, [12, 10, 4]],
  ['LR0.1', { type: 'leakyRelu', slope: 0.1 }, [12, 10, 4]],
  ['A:LeakyReLU', { type: 'leakyRelu', slope: 0.01 }, [12, 10, 4]],
  ['A:silu', { type: 'activation', function: 'swish' }, [12, 10, 4]],
  ['A:Hardswish', { type: 'activation', function: 'hardSwish' }, [12, 10, 4]],
  ['A:PReLU', { type: 'prelu', slopes: 'one' }, [12, 10, 4]],
  ['MP3s2p1', { type: 'maxPool', size: [3, 3], stride: [2, 2], padding: [1, 1] }, [6, 5, 4]],
  ['MP2', { type: 'maxPool', stride: [2, 2] }, [6, 5, 4]],
  ['AP3s1p1', { type: 'averagePool', padding: [1, 1] }, [12, 10, 4]],
  ['GAP', { type: 'globalAveragePool' }, [4]],
  ['AMP1x1', { type: 'globalMaxPool' }, [4]],
  ['AAP1x1 C3k1', { type: 'convolution' }, [1, 1, 3]],
  ['D0.25', { type: 'dropout', rate: 0.25 }, [12, 10, 4]],
  ['SD0.25', { type: 'spatialDropout', rate: 0.25 }, [12, 10, 4]],
  ['FL FC7b', { type: 'dense', units: 7, bias: true }, [7]],
  ['FC7', { type: 'dense', units: 7, bias: false }, [7]],
  ['R C3k1@0 C3k1@1 ADD@2,3', { type: 'add' }, [12, 10, 3]],
  ['R CAT@0,1', { type: 'concatenate' }, [12, 10, 8]],
];

describe('a token of the corpus', () => {
  it.each(cases)('%s is the layer it stands for', (token, settings, shape) => {
    // Something must make one value a class of a map.
    const isMap = shape.length === 3;
    const { nodes } = graphOf(
      networkOfTokens({ id: 'one', input: INPUT, layers: isMap ? `${token} GAP` : token }),
    );
    const node = nodes.at(isMap ? -2 : -1)!;
    expect(node.layer).toMatchObject(settings);
    expect(node.shape).toEqual(shape);
  });

  it.each(['X3', 'C8', 'A:nothing', 'FC', 'MPs2', 'ADD3'])(
    '%s, which is none, is refused by name',
    (token) => {
      const read = () => networkOfTokens({ id: 'odd-1', input: INPUT, layers: `R ${token} GAP` });
      expect(read).toThrow(GateError);
      expect(read).toThrow(`odd-1, token ${token}: it is not known.`);
    },
  );

  it('reads the token before, or the ones it names', () => {
    const { nodes } = graphOf(
      networkOfTokens({ id: 'two', input: INPUT, layers: 'C4k3p1 BN R C4k1@0 ADD@3,4 GAP FL LSM' }),
    );
    expect(nodes.map(({ op, inputs }) => [op.type, ...inputs])).toEqual([
      ['convolution', -1],
      ['batchNorm', 0],
      ['relu', 1],
      ['convolution', -1],
      ['add', 2, 3],
      ['globalAveragePool', 4],
      ['logSoftmax', 5],
    ]);
  });
});
