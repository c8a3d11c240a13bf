import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../../src/backend/select.ts';
import { iterations } from '../../../../src/iterations/index.ts';
import { block, convolution } from '../../../../src/model/blocks.ts';
import { buildModel } from '../../../../src/model/build.ts';
import { BATCH_NORM, type Layer } from '../../../../src/model/layers.ts';
import { chainOf } from '../../../../src/engine/native/chain.ts';

type StockLayer = tfl.layers.Layer;
type ConvolutionSettings = Partial<Parameters<typeof tfl.layers.conv2d>[0]>;

const gap: Layer = { type: 'globalAveragePool' };
const NO_CHAIN =
  'it is not a chain of convolution, batch norm, ReLU that ends in a convolution and global average pooling';

beforeAll(() => selectBackend({ force: 'wasm' }));
const models: tfl.LayersModel[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
  expect(tf.memory().numTensors).toBe(0);
});

describe('the chain of a network', () => {
  it.each(iterations)('is there for iteration $id, link by link', ({ network }) => {
    const chain = chainOf(keep(buildModel(network)));
    if ('reason' in chain) throw new Error(chain.reason);
    const kinds = network.layers.map(({ type }) => type);
    const count = (kind: Layer['type']) => kinds.filter((each) => each === kind).length;
    expect(chain.classes).toBe(10);
    expect(chain.links).toHaveLength(count('convolution'));
    expect(chain.links.filter(({ pool }) => pool)).toHaveLength(count('maxPool'));
    expect(chain.links.filter(({ dropout }) => dropout > 0)).toHaveLength(count('dropout'));
    expect(chain.links.filter(({ batchNorm }) => batchNorm)).toHaveLength(count('batchNorm'));
  });

  it('says of each link its sizes, padding, pooling, dropout and the layers that hold its weights', () => {
    const layers: Layer[] = [
      ...block(4, 'same'),
      { type: 'maxPool', size: 2 },
      { type: 'dropout', rate: 0.25 },
      convolution(10),
      gap,
    ];
    expect(chainOf(keep(buildModel({ input: [9, 7, 1], layers })))).toEqual({
      classes: 10,
      links: [
        {
          height: 9,
          width: 7,
          channels: 1,
          outHeight: 9,
          outWidth: 7,
          filters: 4,
          kernel: 3,
          padding: 1,
          pool: true,
          dropout: 0.25,
          batchNorm: BATCH_NORM,
          convolutionLayer: 'conv1',
          batchNormLayer: 'bn1',
        },
        {
          height: 4,
          width: 3,
          channels: 4,
          outHeight: 2,
          outWidth: 1,
          filters: 10,
          kernel: 3,
          padding: 0,
          pool: false,
          dropout: 0,
          convolutionLayer: 'conv2',
        },
      ],
    });
  });
});

describe('the native engine is not for', () => {
  const relu = () => tfl.layers.reLU();
  const norm = () => tfl.layers.batchNormalization({ name: 'bn' });
  const first = (settings: ConvolutionSettings = {}) =>
    tfl.layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, useBias: false, ...settings });
  const last = () => [first({ name: 'last' }), tfl.layers.globalAveragePooling2d({})];
  const whole = (...start: StockLayer[]) => [...start, ...last()];

  it.each<[string, () => StockLayer[], string]>([
    ['a bias', () => whole(first({ useBias: true }), norm(), relu()), 'layer conv: convolution with a bias'],
    [
      'an activation inside a convolution',
      () => whole(first({ activation: 'relu' }), norm(), relu()),
      'layer conv: convolution with an activation of its own',
    ],
    ['a stride', () => whole(first({ strides: 2 }), norm(), relu()), 'layer conv: convolution with a stride'],
    [
      'a dilation',
      () => whole(first({ dilationRate: 2 }), norm(), relu()),
      'layer conv: convolution with dilation',
    ],
    [
      'a kernel that is not square',
      () => whole(first({ kernelSize: [3, 1] }), norm(), relu()),
      'layer conv: kernel that is not square',
    ],
    [
      "an even kernel with padding 'same'",
      () => whole(first({ kernelSize: 2, padding: 'same' }), norm(), relu()),
      "layer conv: even kernel with padding 'same'",
    ],
    [
      'batch norm without gamma',
      () => whole(first(), tfl.layers.batchNormalization({ name: 'bn', scale: false }), relu()),
      'layer bn: without gamma or beta',
    ],
    [
      'batch norm without beta',
      () => whole(first(), tfl.layers.batchNormalization({ name: 'bn', center: false }), relu()),
      'layer bn: without gamma or beta',
    ],
    ['batch norm without ReLU', () => whole(first(), norm()), 'layer bn: no ReLU layer follows it'],
    [
      'ReLU with a maximum',
      () => whole(first(), norm(), tfl.layers.reLU({ name: 'relu6', maxValue: 6 })),
      'layer relu6: ReLU with a maximum',
    ],
    [
      '3x3 pooling',
      () => whole(first(), norm(), relu(), tfl.layers.maxPooling2d({ poolSize: 3, strides: 3 })),
      'max pooling other than 2x2',
    ],
    [
      'pooling that overlaps',
      () => whole(first(), norm(), relu(), tfl.layers.maxPooling2d({ poolSize: 2, strides: 1 })),
      'max pooling other than 2x2',
    ],
    [
      'pooling with padding',
      () =>
        whole(first(), norm(), relu(), tfl.layers.maxPooling2d({ poolSize: 2, strides: 2, padding: 'same' })),
      'max pooling other than 2x2',
    ],
    ['a single convolution', last, 'it does not begin with two convolutions'],
    [
      'a dense network',
      () => [tfl.layers.flatten(), tfl.layers.dense({ units: 4 })],
      'it does not begin with two convolutions',
    ],
    ['a convolution without batch norm', () => whole(first()), 'it does not begin with two convolutions'],
    [
      'batch norm after the last convolution',
      () => [
        first(),
        norm(),
        relu(),
        first({ name: 'last' }),
        tfl.layers.batchNormalization(),
        relu(),
        tfl.layers.globalAveragePooling2d({}),
      ],
      NO_CHAIN,
    ],
    [
      'a layer after the global pooling',
      () => [...whole(first(), norm(), relu()), tfl.layers.softmax()],
      NO_CHAIN,
    ],
    ['another end', () => [first(), norm(), relu(), first({ name: 'last' }), tfl.layers.flatten()], NO_CHAIN],
    [
      'a layer that it does not know',
      () =>
        whole(
          first(),
          norm(),
          relu(),
          first({ name: 'second' }),
          tfl.layers.batchNormalization(),
          relu(),
          tfl.layers.averagePooling2d({ poolSize: 2 }),
        ),
      NO_CHAIN,
    ],
  ])('%s', (_, layers, reason) => {
    const model = tfl.sequential();
    model.add(tfl.layers.inputLayer({ inputShape: [14, 14, 1] }));
    for (const layer of layers()) model.add(layer);
    expect(chainOf(keep(model))).toEqual({ reason });
  });

  it('weights that are frozen, which it would train', () => {
    const model = keep(buildModel(iterations[0]!.network));
    const norm = model.layers.find((layer) => layer.getClassName() === 'BatchNormalization')!;
    norm.trainable = false;
    expect(chainOf(model)).toEqual({ reason: `layer ${norm.name}: its weights are frozen` });
  });
});

function keep(model: tfl.LayersModel): tfl.LayersModel {
  models.push(model);
  return model;
}
