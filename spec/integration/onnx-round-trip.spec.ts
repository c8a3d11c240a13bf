import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { stateDictOf, weightsOfStateDict } from '../../src/exchange/state-dict.ts';
import { tfjsFilesOf } from '../../src/exchange/tfjs.ts';
import { onnxOf } from '../../src/exchange/write-onnx.ts';
import { parseSafetensors, safetensorsOf } from '../../src/formats/safetensors.ts';
import { iterations } from '../../src/iterations/index.ts';
import { type Graph, graphOf, hasOwnWeights } from '../../src/model/graph.ts';
import type { Layer, Network } from '../../src/model/layers.ts';
import { factsOfOnnx } from '../../src/onnx/facts.ts';
import { parseOnnx } from '../../src/onnx/file.ts';
import { mapToFirst } from '../../src/onnx/layout.ts';
import { networkOfOnnx } from '../../src/onnx/network.ts';
import { type LayerWeights, modelWith, weightsOf } from '../../src/onnx/ours.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { openSession } from '../../src/onnx/session.ts';
import { OWN_FUNCTIONS, STOCK_FUNCTIONS } from '../../src/ops/activation.ts';
import { keyOf, uniform } from '../../src/random.ts';

/** Of the largest logit, where that is above 1. */
const TOLERANCE = 1e-5;
const TIMEOUT = 120_000;
const IMAGES = 4;

beforeAll(() => selectBackend({ force: 'cpu' }));

const ours = iterations.map(({ id, network }) => [id, network] as const);

describe.each(ours)('%s', { timeout: TIMEOUT }, (_, network) => {
  const { graph, weights } = drawn(network);

  it('comes out of ONNX as it went in: layers, fields, and weights to the bit', () => {
    const file = parseOnnx(onnxOf(graph, weights, { version: '1' }), 'net.onnx');
    const read = readOnnx(file);
    const back = networkOfOnnx(read);
    if ('reason' in back) throw new Error(back.reason);
    // ONNX has no separable convolution: it is the two that it is made of.
    const isSeparable = (type: string) => type === 'separableConvolution';
    expect([...back.weights.keys()]).toEqual(
      graph.nodes
        .filter(hasOwnWeights)
        .flatMap(({ name, op }) =>
          isSeparable(op.type) ? [`${name}.depthwise`, `${name}.pointwise`] : [name],
        ),
    );
    expect(isDeepStrictEqual([...back.weights.values()].flat(), [...weights.values()].flat())).toBe(true);
    expect(back.graph.nodes.map(({ op }) => op.type)).toEqual(
      graph.nodes
        .map(({ op }) => op.type)
        .filter((type) => type !== 'dropout')
        .flatMap((type) => (isSeparable(type) ? ['convolution', 'convolution'] : [type])),
    );
    const counted = [...graph.nodes].flatMap((node) => node.weights).filter(({ trainable }) => trainable);
    expect(factsOfOnnx(read).parameters).toEqual({
      known: true,
      value: counted.reduce((sum, { shape }) => sum + shape.reduce((all, size) => all * size, 1), 0),
    });
  });

  it('answers in ONNX Runtime what it answers here', async () => {
    expect(await apart(network)).toBeLessThan(TOLERANCE);
  });

  it('comes out of safetensors to the bit', () => {
    const bytes = safetensorsOf(stateDictOf(graph, weights));
    expect(isDeepStrictEqual(weightsOfStateDict(graph, parseSafetensors(bytes, 'net'), 'net'), weights)).toBe(
      true,
    );
  });

  it('is loaded by stock tfjs to the bit', async () => {
    const model = modelWith({ network, graph, weights }, 'ours');
    const files = await tfjsFilesOf(model);
    const { modelTopology, weightsManifest } = JSON.parse(files['model.json']);
    const loaded = await tfl.loadLayersModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest[0].weights,
        weightData: Uint8Array.from(files['weights.bin']).buffer,
      }),
    );
    expect(isDeepStrictEqual(weightsOf(loaded, graph), weights)).toBe(true);
    loaded.dispose();
    model.dispose();
  });
});

const input = [6, 7, 4] as const;
const FUNCTIONS = [...STOCK_FUNCTIONS, ...OWN_FUNCTIONS];
const end: readonly Layer[] = [{ type: 'globalAveragePool' }, { type: 'dense', units: 5 }];
const cases: readonly (readonly [string, readonly Layer[]])[] = [
  ['a flatten in our order', [{ type: 'flatten' }, { type: 'dense', units: 5 }]],
  [
    "a flatten in PyTorch's order",
    [
      { type: 'flatten', order: 'channelsFirst' },
      { type: 'dense', units: 5 },
    ],
  ],
  [
    'norms and slopes of a flattened map',
    [{ type: 'flatten' }, { type: 'batchNorm' }, { type: 'prelu' }, { type: 'dense', units: 5 }],
  ],
  [
    'a depthwise convolution of two filters a channel, with stride and bias',
    [
      { type: 'convolution', filters: 8, kernel: [3, 2], groups: 4, stride: 2, bias: true, padding: 'same' },
      ...end,
    ],
  ],
  [
    'a grouped convolution, dilated',
    [{ type: 'convolution', filters: 6, kernel: 2, groups: 2, dilation: 2 }, ...end],
  ],
  [
    'mirrored and replicated borders',
    [
      { type: 'convolution', filters: 3, kernel: 3, padding: 1, paddingMode: 'reflect' },
      {
        type: 'padding',
        padding: [
          [1, 2],
          [0, 1],
        ],
        mode: 'replicate',
      },
      { type: 'padding', padding: 1 },
      ...end,
    ],
  ],
  [
    'a convolution and a dense layer whose weights are used twice',
    [
      { type: 'convolution', filters: 4, kernel: 3, padding: 'same', name: 'twice', bias: true },
      { type: 'relu' },
      { type: 'convolution', filters: 4, kernel: 3, padding: 'same', weightsOf: 'twice', bias: true },
      { type: 'globalAveragePool' },
      { type: 'dense', units: 4, name: 'again' },
      { type: 'relu' },
      { type: 'dense', units: 4, weightsOf: 'again' },
    ],
  ],
  ['a separable convolution', [{ type: 'separableConvolution', filters: 5, kernel: 3, bias: true }, ...end]],
  ['a dense layer over maps', [{ type: 'dense', units: 3 }, ...end]],
  [
    'every norm',
    [
      { type: 'groupNorm', groups: 2 },
      { type: 'instanceNorm' },
      { type: 'instanceNorm', affine: true },
      { type: 'layerNorm' },
      { type: 'layerNorm', over: 'image' },
      { type: 'layerNorm', affine: false },
      { type: 'batchNorm', scale: false, center: false },
      { type: 'batchNorm', scale: false },
      ...end,
    ],
  ],
  [
    'every pooling',
    [
      { type: 'maxPool', size: 2, stride: 1, padding: 'same' },
      { type: 'averagePool', size: 3, stride: 1, padding: 'same' },
      { type: 'averagePool', size: 3, stride: 2, padding: 1 },
      { type: 'globalMaxPool' },
      { type: 'dense', units: 5 },
    ],
  ],
  [
    'slopes of every kind',
    [
      { type: 'prelu', slopes: 'one' },
      { type: 'prelu', slopes: 'element' },
      { type: 'leakyRelu', slope: 0.2 },
      { type: 'relu', max: 6 },
      ...end,
      { type: 'prelu', slopes: 'one' },
      { type: 'logSoftmax' },
    ],
  ],
  [
    'branches',
    [
      { type: 'convolution', name: 'a', filters: 4, kernel: 3, padding: 'same' },
      { type: 'add', name: 'sum', from: ['a', 'input'] },
      { type: 'concatenate', from: ['sum', 'a'] },
      { type: 'dropout', rate: 0.5 },
      ...end,
      { type: 'softmax' },
    ],
  ],
  [
    'every activation',
    [
      ...FUNCTIONS.map((name): Layer => ({ type: 'activation', name, function: name, from: 'input' })),
      { type: 'concatenate', from: FUNCTIONS },
      { type: 'globalAveragePool' },
    ],
  ],
];

describe('ONNX and safetensors say the same as the network with', { timeout: TIMEOUT }, () => {
  it.each(cases)('%s', async (_, layers) => {
    const network: Network = { input, layers };
    const { graph, weights } = drawn(network);
    expect(await apart(network)).toBeLessThan(TOLERANCE);
    const bytes = safetensorsOf(stateDictOf(graph, weights));
    expect(isDeepStrictEqual(weightsOfStateDict(graph, parseSafetensors(bytes, 'net'), 'net'), weights)).toBe(
      true,
    );
  });
});

/** How far the answers of ONNX Runtime are from those of tfjs, relative to the largest where that is above 1. */
async function apart(network: Network): Promise<number> {
  const { graph, weights } = drawn(network);
  const [height, width, channels] = network.input;
  const size = height * width * channels;
  const pixels = uniforms(7, IMAGES * size, -2, 2);
  const model = modelWith({ network, graph, weights }, 'ours');
  const expected = tf.tidy(() => {
    const x = tf.tensor4d(pixels, [IMAGES, height, width, channels]);
    return (model.predictOnBatch(x) as tf.Tensor).dataSync() as Float32Array;
  });
  model.dispose();
  const turned = Array.from({ length: IMAGES }, (_, i) => [
    ...mapToFirst(pixels.subarray(i * size, (i + 1) * size), network.input),
  ]).flat();
  const file = parseOnnx(onnxOf(graph, weights, { version: '1' }), 'net.onnx');
  const session = await openSession(file, { images: { size: network.input, layout: 'first' } });
  const { output } = await session.run(Float32Array.from(turned), IMAGES);
  await session.release();
  if (output.length !== expected.length) return Infinity;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - output[i]!))) / scale;
}

/** A network with weights that no layer begins with. */
function drawn(network: Network): { readonly graph: Graph; readonly weights: LayerWeights } {
  const graph = graphOf(network);
  let key = 0;
  const weights = graph.nodes.filter(hasOwnWeights).map((node) => {
    const arrays = node.weights.map(({ name, shape }) => {
      const count = shape.reduce((product, each) => product * each, 1);
      const isScale = name === 'gamma' || name === 'movingVariance';
      const bound = Math.min(0.5, Math.sqrt((6 * shape.at(-1)!) / count));
      return isScale ? uniforms(++key, count, 0.5, 1.5) : uniforms(++key, count, -bound, bound);
    });
    return [node.name, arrays] as const;
  });
  return { graph, weights: new Map(weights) };
}

function uniforms(seed: number, length: number, low: number, high: number): Float32Array {
  const key = keyOf(seed, 5, 5);
  return Float32Array.from({ length }, (_, i) => low + (high - low) * uniform(key, i));
}
