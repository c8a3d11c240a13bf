import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { dropoutBits, dropoutKey, dropoutThreshold } from '../../src/engine/draws.ts';
import type { LayerData } from '../../src/ops/index.ts';
import { permutation } from '../../src/random.ts';
import { expectClose, LANES, sizeOf, values } from './native-lanes.ts';
import { opOf, parsed, type Shape, stockForward } from './op-layers.ts';
import { opProgram, SEED, STEP } from './op-program.ts';

/** Two blocks, the last one with three images. */
const IMAGES = 11;
/** Largest difference from a difference quotient in single precision, relative to the largest gradient. */
const QUOTIENT_TOLERANCE = 4e-3;

const map: Shape = [6, 5, 4];
const vector: Shape = [10];

/** Every layer type that has kernels, in all its ways; the shapes that it reads. */
const cases: readonly (readonly [LayerData, ...Shape[]])[] = [
  [{ type: 'convolution', filters: 5, kernel: 3, padding: 1, bias: true }, map],
  [{ type: 'convolution', filters: 3, kernel: [3, 1], stride: 2, padding: 'same' }, map],
  [{ type: 'convolution', filters: 6, kernel: 2, stride: [1, 2], groups: 2, bias: true }, map],
  [{ type: 'convolution', filters: 4, kernel: 3, padding: 1, groups: 4, bias: true }, map],
  [{ type: 'convolution', filters: 8, kernel: 3, padding: 1, groups: 4 }, map],
  [{ type: 'convolution', filters: 2, kernel: 3, padding: 1, paddingMode: 'reflect', bias: true }, map],
  [{ type: 'convolution', filters: 2, kernel: 3, padding: 2, paddingMode: 'replicate' }, map],
  [{ type: 'convolution', filters: 2, kernel: 2, dilation: 2, padding: [1, 2] }, map],
  [{ type: 'separableConvolution', filters: 3, kernel: 3, padding: 'same', bias: true }, map],
  [{ type: 'separableConvolution', filters: 6, kernel: 2, stride: 2 }, map],
  [{ type: 'dense', units: 7 }, vector],
  [{ type: 'dense', units: 3, bias: false }, map],
  [{ type: 'groupNorm', groups: 2 }, map],
  [{ type: 'groupNorm', groups: 4, affine: false }, map],
  [{ type: 'instanceNorm' }, map],
  [{ type: 'layerNorm' }, map],
  [{ type: 'layerNorm', over: 'image' }, map],
  [{ type: 'layerNorm' }, vector],
  [{ type: 'relu' }, map],
  [{ type: 'relu', max: 6 }, vector],
  [{ type: 'leakyRelu', slope: 0.2 }, map],
  [{ type: 'prelu' }, map],
  [{ type: 'prelu', slopes: 'one' }, map],
  [{ type: 'prelu', slopes: 'element' }, map],
  ...(
    [
      'linear',
      'sigmoid',
      'hardSigmoid',
      'tanh',
      'elu',
      'selu',
      'softplus',
      'softsign',
      'swish',
      'mish',
      'gelu',
      'hardSwish',
      'hardTanh',
      'logSigmoid',
    ] as const
  ).map((name): readonly [LayerData, Shape] => [{ type: 'activation', function: name }, vector]),
  [{ type: 'maxPool', size: 2 }, map],
  [{ type: 'maxPool', size: 3, stride: 2, padding: 1 }, map],
  [{ type: 'averagePool', size: 2, padding: 'same' }, map],
  [{ type: 'averagePool', size: 3, stride: 2, padding: 1 }, map],
  [{ type: 'globalAveragePool' }, map],
  [{ type: 'globalMaxPool' }, map],
  [{ type: 'flatten' }, map],
  [{ type: 'flatten', order: 'channelsFirst' }, map],
  [{ type: 'padding', padding: 2 }, map],
  [
    {
      type: 'padding',
      padding: [
        [1, 0],
        [2, 3],
      ],
      mode: 'reflect',
    },
    map,
  ],
  [{ type: 'padding', padding: 1, mode: 'replicate' }, map],
  [{ type: 'add' }, map, map, map],
  [{ type: 'concatenate' }, map, [6, 5, 1], [6, 5, 3]],
  [{ type: 'concatenate' }, vector, [2]],
  [{ type: 'dropout', rate: 0 }, map],
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Apart from each other and from 0, so that no step of a difference quotient crosses a kink or passes a maximum. */
function spaced(shape: Shape, key: number): { readonly x: Float32Array; readonly step: number } {
  const count = IMAGES * sizeOf(shape);
  // Ranks within an image; images take the same values in other places.
  const size = sizeOf(shape);
  const x = new Float32Array(count);
  for (let image = 0; image < IMAGES; image++) {
    permutation(key + image, size).forEach((rank, i) => {
      x[image * size + i] = ((rank + 0.5) / size - 0.5) * 6;
    });
  }
  return { x, step: Math.min(2 / size, 1 / 32) };
}

describe.each(cases.map(([data, ...shapes]) => [data, shapes] as const))('%j of %j', (data, shapes) => {
  const layer = parsed(data);
  const op = opOf(data.type);
  const described = op.weights?.(layer, shapes) ?? [];
  const inputs = shapes.map((shape, i) => spaced(shape, 100 * i));
  const xs = inputs.map(({ x }) => x);
  const weights = described.map(({ shape, name }, i) =>
    values(shape, 50 + i).map((v) => (name === 'gamma' ? v + 1.5 : v)),
  );
  const outShape = op.shape(layer, shapes) as Shape;
  const dy = values([IMAGES, ...outShape], 7);

  it('gives what the stock layer gives', () => {
    const expected = stockForward(layer, shapes, IMAGES, xs, weights);
    for (const training of [true, false]) {
      expectClose(opProgram(layer, shapes, IMAGES, training).forward(xs, weights), expected, data.type);
    }
  });

  it('has the gradients of difference quotients, by inputs and weights, written or added', () => {
    const program = opProgram(layer, shapes, IMAGES, true);
    const lossOf = (inputs: readonly Float32Array[], weights: readonly Float32Array[]) =>
      program.forward(inputs, weights).reduce((sum, value, i) => sum + value * dy[i]!, 0);
    const quotients = (
      all: readonly Float32Array[],
      which: number,
      step: number,
      loss: (moved: Float32Array[]) => number,
    ) =>
      all[which]!.map((value, i) => {
        // Every 7th element is enough, and the last one.
        if (i % 7 !== 0 && i !== all[which]!.length - 1) return Number.NaN;
        const [above, below] = [Math.fround(value + step), Math.fround(value - step)];
        const at = (moved: number) => loss(all.map((one, j) => (j === which ? one.with(i, moved) : one)));
        return (at(above) - at(below)) / (above - below);
      });
    const byInput = xs.map((_, i) => quotients(xs, i, inputs[i]!.step, (moved) => lossOf(moved, weights)));
    const byWeight = weights.map((_, i) => quotients(weights, i, 1 / 64, (moved) => lossOf(xs, moved)));
    lossOf(xs, weights);
    const written = program.backward(dy, false);
    byInput.forEach((expected, i) => expectNear(written.inputs[i]!, expected, `input ${i}`));
    byWeight.forEach((expected, i) => expectNear(written.weights[i]!, expected, described[i]!.name));
    if (!program.addsByItself) return;
    const added = program.backward(dy, true);
    added.inputs.forEach((found, i) =>
      expectClose(
        found,
        written.inputs[i]!.map((value) => 1 + value),
        `added ${i}`,
      ),
    );
  });
});

describe.each([
  [{ type: 'dropout', rate: 0.4 } as const, sizeOf(map)],
  [{ type: 'spatialDropout', rate: 0.4 } as const, 4],
])('%j', (data, draws) => {
  const { x } = spaced(map, 1);
  const kept = (i: number) => {
    const place = Math.floor(i / sizeOf(map)) * draws + ((i % sizeOf(map)) % draws);
    return dropoutBits(dropoutKey(SEED, 0, STEP), place, draws) >= dropoutThreshold(0.4);
  };

  it('drops what the draws drop, in value and gradient, and nothing in evaluation', () => {
    const program = opProgram(parsed(data), [map], IMAGES, true);
    const scale = Math.fround(1 / 0.6);
    const expected = x.map((value, i) => (kept(i) ? value * scale : 0));
    expect(program.forward([x], [])).toEqual(expected);
    const dy = values([IMAGES, ...map], 7);
    const gradient = dy.map((value, i) => (kept(i) ? value * scale : 0));
    expect(program.backward(dy, false).inputs[0]).toEqual(gradient);
    expect(opProgram(parsed(data), [map], IMAGES, false).forward([x], [])).toEqual(x);
  });
});

it('a frozen layer has no gradient of its weights, and one of its input', () => {
  for (const data of [
    { type: 'convolution', filters: 2, kernel: 3, bias: true, frozen: true },
    { type: 'groupNorm', groups: 2, frozen: true },
    { type: 'prelu', frozen: true },
  ] as const) {
    const layer = parsed(data);
    const weights = opOf(data.type).weights!(layer, [map]).map(({ shape }, i) => values(shape, i));
    const program = opProgram(layer, [map], IMAGES, true);
    const y = program.forward([spaced(map, 1).x], weights);
    const { inputs, weights: gradients } = program.backward(y, false);
    expect(gradients).toEqual(weights.map(() => undefined));
    expect(inputs[0]!.every(Number.isFinite)).toBe(true);
  }
  expect(IMAGES).toBeGreaterThan(LANES);
});

/** Where the quotient was taken. */
function expectNear(found: Float32Array, expected: Float32Array, what: string): void {
  const taken = expected.map((_, i) => i).filter((i) => !Number.isNaN(expected[i]!));
  expectClose(
    [...taken].map((i) => found[i]!),
    [...taken].map((i) => expected[i]!),
    what,
    QUOTIENT_TOLERANCE,
  );
}
