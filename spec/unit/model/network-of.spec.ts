import '../../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { iterations } from '../../../src/iterations/index.ts';
import { buildModel } from '../../../src/model/build.ts';
import { graphOf } from '../../../src/model/graph.ts';
import type { Network } from '../../../src/model/layers.ts';
import { networkOf, type ReadModel } from '../../../src/model/network-of.ts';

beforeAll(() => tf.setBackend('cpu'));

type Symbolic = tfl.SymbolicTensor;
const { layers } = tfl;
const SHAPE: [number, number, number] = [9, 8, 2];

function functional(build: (x: Symbolic) => Symbolic | Symbolic[]): tfl.LayersModel {
  const input = tfl.input({ shape: SHAPE });
  return tfl.model({ inputs: input, outputs: build(input) });
}

function sequential(...list: tfl.layers.Layer[]): tfl.LayersModel {
  return tfl.sequential({ layers: [layers.inputLayer({ inputShape: SHAPE }), ...list] });
}

const strangers: readonly [string, () => tfl.LayersModel, readonly string[]][] = [
  [
    'a sequential model with fused activations and a softmax',
    () =>
      tfl.sequential({
        layers: [
          layers.conv2d({
            inputShape: SHAPE,
            filters: 3,
            kernelSize: [3, 2],
            strides: 2,
            activation: 'relu',
            padding: 'same',
          }),
          layers.maxPooling2d({ poolSize: 2, strides: 1 }),
          layers.dropout({ rate: 0.25 }),
          layers.flatten(),
          layers.dense({ units: 6, activation: 'tanh' }),
          layers.dense({ units: 4, activation: 'softmax' }),
        ],
      }),
    ['convolution', 'relu', 'maxPool', 'dropout', 'flatten', 'dense', 'activation', 'dense', 'softmax'],
  ],
  [
    'a residual model with a projection, and padding as a layer',
    () =>
      functional((x) => {
        const main = layers
          .conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false })
          .apply(layers.zeroPadding2d({ padding: 1 }).apply(x)) as Symbolic;
        const norm = layers.batchNormalization({ epsilon: 1e-2 }).apply(main) as Symbolic;
        const side = layers
          .conv2d({ filters: 4, kernelSize: 1, strides: 2, padding: 'same' })
          .apply(x) as Symbolic;
        const sum = layers.add().apply([norm, side]) as Symbolic;
        const both = layers
          .concatenate()
          .apply([layers.reLU({ maxValue: 6 }).apply(sum) as Symbolic, side]) as Symbolic;
        return layers.globalAveragePooling2d({}).apply(both) as Symbolic;
      }),
    ['convolution', 'batchNorm', 'convolution', 'add', 'relu', 'concatenate', 'globalAveragePool'],
  ],
  [
    'models inside models',
    () =>
      sequential(
        tfl.sequential({
          name: 'inner',
          layers: [
            layers.depthwiseConv2d({
              inputShape: SHAPE,
              kernelSize: 3,
              depthMultiplier: 2,
              activation: 'elu',
            }),
            tfl.sequential({
              name: 'innermost',
              layers: [layers.separableConv2d({ inputShape: [7, 6, 4], filters: 3, kernelSize: 2 })],
            }),
          ],
        }),
        layers.globalMaxPooling2d({}),
        layers.activation({ activation: 'softmax' }),
      ),
    ['convolution', 'activation', 'separableConvolution', 'globalMaxPool', 'softmax'],
  ],
  [
    'one ReLU, pooling and dropout used twice: they have no weights to share',
    () =>
      functional((x) => {
        const relu = layers.reLU();
        const pool = layers.averagePooling2d({ poolSize: 2, strides: 1 });
        const drop = layers.dropout({ rate: 0.1 });
        const half = (y: Symbolic) => drop.apply(pool.apply(relu.apply(y))) as Symbolic;
        const first = half(layers.conv2d({ filters: 3, kernelSize: 2 }).apply(x) as Symbolic);
        const second = half(layers.conv2d({ filters: 3, kernelSize: 2 }).apply(first) as Symbolic);
        return layers.flatten().apply(second) as Symbolic;
      }),
    [
      'convolution',
      'relu',
      'averagePool',
      'dropout',
      'convolution',
      'relu',
      'averagePool',
      'dropout',
      'flatten',
    ],
  ],
  [
    'a convolution with its activation, a norm and a model applied twice',
    () =>
      functional((x) => {
        const convolution = layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu' });
        const norm = layers.batchNormalization({});
        const inner = tfl.sequential({ layers: [layers.dense({ inputShape: [2], units: 2 })] });
        const once = (y: Symbolic) => norm.apply(convolution.apply(y)) as Symbolic;
        const vector = layers.globalAveragePooling2d({}).apply(once(once(x)));
        return inner.apply(inner.apply(vector)) as Symbolic;
      }),
    [
      'convolution',
      'relu',
      'batchNorm',
      'convolution',
      'relu',
      'batchNorm',
      'globalAveragePool',
      'dense',
      'dense',
    ],
  ],
  [
    'norms, PReLU and frozen layers',
    () =>
      sequential(
        layers.conv2d({ filters: 4, kernelSize: 3, trainable: false }),
        layers.layerNormalization(),
        layers.prelu({ sharedAxes: [1, 2] }),
        layers.layerNormalization({ axis: [1, 2, 3] }),
        layers.leakyReLU({ alpha: 0.2 }),
        layers.flatten(),
        layers.dense({ units: 3 }),
      ),
    ['convolution', 'layerNorm', 'prelu', 'layerNorm', 'leakyRelu', 'flatten', 'dense'],
  ],
];

describe("a stranger's model that is known", () => {
  it.each(strangers)('is read as a network that computes the same: %s', (_, build, types) => {
    const model = build();
    const read = readOrThrow(model);
    expect(read.network.layers.map(({ type }) => type)).toEqual(types);
    expectSame(model, read);
    model.dispose();
  });

  it.each(iterations)('may be one of ours: $id', ({ network }) => {
    const model = buildModel(network);
    const { network: read } = readOrThrow(model);
    const again = buildModel(read);
    expect(kinds(again)).toEqual(kinds(model));
    model.dispose();
    again.dispose();
  });

  it('keeps which layers are frozen, by themselves or within a frozen model', () => {
    const inner = tfl.sequential({
      name: 'inner',
      layers: [layers.conv2d({ inputShape: SHAPE, filters: 2, kernelSize: 1 })],
    });
    const model = sequential(
      inner,
      layers.flatten(),
      layers.dense({ units: 3, trainable: false }),
      layers.dense({ units: 2 }),
    );
    inner.trainable = false;
    const { network, graph } = readOrThrow(model);
    expect(network.layers.map(({ frozen }) => frozen === true)).toEqual([true, false, true, false]);
    expect(graph.nodes.map(({ weights }) => weights.filter(({ trainable }) => trainable).length)).toEqual([
      0, 0, 0, 2,
    ]);
    model.dispose();
  });
});

const everything: Network = {
  input: [12, 10, 3],
  layers: [
    {
      type: 'convolution',
      filters: 6,
      kernel: [3, 2],
      padding: 1,
      stride: 2,
      bias: true,
      paddingMode: 'reflect',
      groups: 3,
    },
    { type: 'groupNorm', groups: 2 },
    { type: 'relu', max: 6, name: 'side' },
    {
      type: 'convolution',
      filters: 8,
      kernel: 3,
      padding: [
        [1, 1],
        [2, 2],
      ],
      paddingMode: 'replicate',
      groups: 2,
      dilation: [1, 2],
    },
    { type: 'prelu', slopes: 'one' },
    { type: 'convolution', filters: 6, kernel: 3, padding: 'same' },
    { type: 'layerNorm', over: 'image' },
    { type: 'activation', function: 'hardSwish' },
    { type: 'padding', padding: [0, 1], mode: 'reflect', name: 'wide' },
    { type: 'averagePool', size: [1, 3], stride: 1, name: 'narrow' },
    { type: 'add', from: ['side', 'narrow'] },
    { type: 'concatenate', from: ['add1', 'side'] },
    { type: 'batchNorm', scale: false, center: false },
    { type: 'instanceNorm', affine: true },
    {
      type: 'maxPool',
      size: 3,
      stride: 1,
      padding: [
        [1, 0],
        [0, 2],
      ],
    },
    { type: 'averagePool', size: 3, stride: 2, padding: 1 },
    { type: 'spatialDropout', rate: 0.1 },
    { type: 'separableConvolution', filters: 5, kernel: 2, bias: true },
    { type: 'flatten', order: 'channelsFirst' },
    { type: 'dense', units: 10 },
    { type: 'logSoftmax' },
  ],
};

describe('a built model of every kind of layer', () => {
  it('is read back as the same computation, stays it through saving and loading, and is not constant', async () => {
    const model = buildModel(everything);
    randomize(model);
    const read = readOrThrow(model);
    expectSame(model, read);
    // What several stock layers do together is one layer again; instance norm is group norm of as many groups as channels.
    expect(read.network.layers.map(({ type }) => type)).toEqual(
      everything.layers.map(({ type }) => (type === 'instanceNorm' ? 'groupNorm' : type)),
    );
    expect(read.graph.nodes.map(({ shape }) => shape)).toEqual(
      graphOf(everything).nodes.map(({ shape }) => shape),
    );

    const loaded = await saveAndLoad(model);
    const x = tf.randomNormal([2, ...everything.input], 0, 1, 'float32', 7);
    const [before, after] = [model, loaded].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    expect(after).toEqual(before);
    expect(new Set(before).size).toBe(20);
    expectSame(loaded, readOrThrow(loaded));
    model.dispose();
    loaded.dispose();
  });
});

const unknown: readonly [string, () => tfl.LayersModel, string][] = [
  [
    'a noise shape',
    () =>
      sequential(layers.dropout({ rate: 0.5, noiseShape: [1, 9, 8, 2], name: 'noisy' }), layers.flatten()),
    'layer noisy: it has the noise shape [1, 9, 8, 2]',
  ],
  [
    'dropout of everything',
    () => sequential(layers.dropout({ rate: 1, name: 'all' }), layers.flatten()),
    'layer all: it drops everything',
  ],
  [
    'batch norm along the rows',
    () => sequential(layers.batchNormalization({ axis: 1, name: 'rows' }), layers.flatten()),
    'layer rows: it normalizes along axis 1, not along the channels',
  ],
  [
    'a regularizer',
    () =>
      sequential(
        layers.flatten(),
        layers.dense({ units: 2, name: 'held', kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }) }),
      ),
    'layer held: it has a kernelRegularizer',
  ],
  [
    'a constraint',
    () =>
      sequential(
        layers.flatten(),
        layers.dense({ units: 2, name: 'held', kernelConstraint: tfl.constraints.nonNeg() }),
      ),
    'layer held: it has a kernelConstraint',
  ],
  [
    'two outputs',
    () =>
      functional((x) => [
        layers.flatten().apply(x) as Symbolic,
        layers.globalAveragePooling2d({}).apply(x) as Symbolic,
      ]),
    'it has 2 outputs, not one',
  ],
  [
    'channels first',
    () =>
      sequential(
        layers.conv2d({ filters: 2, kernelSize: 2, dataFormat: 'channelsFirst', name: 'swapped' }),
        layers.flatten(),
      ),
    'layer swapped: it puts channels first',
  ],
  [
    'a layer of another kind',
    () => sequential(layers.upSampling2d({ name: 'up' }), layers.flatten()),
    'layer up: UpSampling2D is not known',
  ],
  [
    'an activation of another kind',
    () =>
      sequential(layers.flatten(), layers.dense({ units: 2, activation: 'gelu_new' as 'gelu', name: 'odd' })),
    'layer odd: its activation gelu_new is not known',
  ],
  [
    'free sizes',
    () =>
      tfl.sequential({ layers: [layers.conv2d({ inputShape: [null, null, 1], filters: 1, kernelSize: 1 })] }),
    'its input is [any, any, any, 1]',
  ],
  [
    'vectors',
    () => tfl.sequential({ layers: [layers.dense({ inputShape: [784], units: 10 })] }),
    'its input is [any, 784]',
  ],
];

describe('a model that says more than plain data can', () => {
  it.each(unknown)('is refused in one line that names the layer: %s', (_, build, reason) => {
    const model = build();
    const read = networkOf(model);
    expect('reason' in read && read.reason).toContain(reason);
    expect('reason' in read && read.reason).not.toContain('\n');
    model.dispose();
  });
});

function readOrThrow(model: tfl.LayersModel): ReadModel {
  const read = networkOf(model);
  if ('reason' in read) throw new Error(read.reason);
  return read;
}

/** The network that was read, built and given the model's weights, must give the model's values. */
function expectSame(model: tfl.LayersModel, { network, graph, weights }: ReadModel): void {
  randomize(model);
  const again = buildModel(network);
  tf.tidy(() => {
    const values = graph.nodes
      .flatMap(({ name }) => weights.get(name) ?? [])
      .map((variable) => variable.read());
    const inGraphOrder = new Map(
      graph.nodes.flatMap(({ name }) => (weights.has(name) ? [[name, weights.get(name)!]] : [])),
    );
    expect(values.length).toBe(model.weights.length);
    for (const layer of again.layers) {
      const own = inGraphOrder.get(layer.name);
      if (own !== undefined) layer.setWeights(own.map((variable) => variable.read()));
    }
    const x = tf.randomNormal([3, ...network.input], 0, 1, 'float32', 3);
    const [expected, found] = [model, again].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    expect(found).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(3);
  });
  again.dispose();
}

function randomize(model: tfl.LayersModel): void {
  tf.tidy(() => {
    model.setWeights(
      model.weights.map(({ shape }, i) => tf.randomUniform(shape as number[], 0.1, 1, 'float32', i + 1)),
    );
  });
}

function kinds(model: tfl.LayersModel): string[] {
  return model.layers.map((layer) => layer.getClassName());
}

async function saveAndLoad(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved.push(artifacts);
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const { weightData, ...description } = saved[0]!;
  const json = JSON.parse(JSON.stringify(description)) as tf.io.ModelArtifacts;
  return tfl.loadLayersModel(tf.io.fromMemory({ ...json, weightData: weightData! }));
}
