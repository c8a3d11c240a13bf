import '../../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerCosts, total } from '../../../src/model/cost.ts';

beforeAll(() => tf.setBackend('cpu'));

const { layers } = tfl;
type Symbolic = tfl.SymbolicTensor;

/** The orthogonal one, which is the default, needs more of tfjs than is loaded here. */
const ZERO = { recurrentInitializer: 'zeros' } as const;

/** Layer, its input, and its multiply-adds worked out by hand. */
const kinds: readonly [string, () => tfl.layers.Layer, number[], number][] = [
  ['Conv1D', () => layers.conv1d({ filters: 4, kernelSize: 3 }), [10, 2], 8 * 3 * 2 * 4],
  [
    'Conv2D, stride 2',
    () => layers.conv2d({ filters: 5, kernelSize: [3, 2], strides: 2 }),
    [9, 8, 2],
    4 * 4 * 6 * 2 * 5,
  ],
  [
    'Conv2D, dilated',
    () => layers.conv2d({ filters: 1, kernelSize: 3, dilationRate: 2 }),
    [9, 8, 2],
    5 * 4 * 9 * 2,
  ],
  ['Conv3D', () => layers.conv3d({ filters: 2, kernelSize: 2 }), [4, 5, 6, 3], 3 * 4 * 5 * 8 * 3 * 2],
  [
    'Conv2D, channels first',
    () => layers.conv2d({ filters: 5, kernelSize: 3, dataFormat: 'channelsFirst' }),
    [3, 8, 10],
    6 * 8 * 135,
  ],
  [
    'Conv2DTranspose, stride 2: every input position meets the kernel once',
    () => layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2 }),
    [8, 8, 3],
    8 * 8 * 135,
  ],
  [
    'Conv3DTranspose',
    () => layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 }),
    [2, 3, 4, 3],
    2 * 3 * 4 * 8 * 3 * 2,
  ],
  [
    'DepthwiseConv2D',
    () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
    [8, 8, 3],
    36 * 9 * 3 * 2,
  ],
  ['SeparableConv2D', () => layers.separableConv2d({ filters: 4, kernelSize: 3 }), [8, 8, 3], 36 * (27 + 12)],
  ['Dense', () => layers.dense({ units: 7 }), [5], 35],
  ['Dense on a map', () => layers.dense({ units: 7 }), [4, 3, 5], 12 * 35],
  ['SimpleRNN', () => layers.simpleRNN({ ...ZERO, units: 4 }), [10, 3], 10 * (3 + 4) * 4],
  ['LSTM', () => layers.lstm({ ...ZERO, units: 4 }), [10, 3], 1_120],
  [
    'LSTM with its sequences',
    () => layers.lstm({ ...ZERO, units: 4, returnSequences: true }),
    [10, 3],
    1_120,
  ],
  ['LSTM with its state', () => layers.lstm({ ...ZERO, units: 4, returnState: true }), [10, 3], 1_120],
  ['GRU', () => layers.gru({ ...ZERO, units: 4 }), [10, 3], 10 * (3 + 4) * 12],
  [
    'RNN of stacked cells',
    () =>
      layers.rnn({
        cell: layers.stackedRNNCells({
          cells: [layers.lstmCell({ ...ZERO, units: 4 }), layers.gruCell({ ...ZERO, units: 2 })],
        }) as never,
      }),
    [10, 3],
    10 * ((3 + 4) * 16 + (4 + 2) * 6),
  ],
  [
    'ConvLSTM2D',
    () => layers.convLstm2d({ ...ZERO, filters: 2, kernelSize: 3 }),
    [5, 8, 7, 3],
    5 * 6 * 5 * 9 * (3 + 2) * 8,
  ],
  [
    'Bidirectional',
    () => layers.bidirectional({ layer: layers.gru({ ...ZERO, units: 4 }) as never, mergeMode: 'concat' }),
    [10, 3],
    2 * 10 * (3 + 4) * 12,
  ],
  [
    'TimeDistributed',
    () => layers.timeDistributed({ layer: layers.conv2d({ filters: 2, kernelSize: 3 }) }),
    [6, 8, 7, 1],
    6 * 6 * 5 * 9 * 2,
  ],
  ['Embedding', () => layers.embedding({ inputDim: 10, outputDim: 3 }), [4], 0],
  ['BatchNormalization', () => layers.batchNormalization(), [4, 4, 3], 0],
  ['MaxPooling2D', () => layers.maxPooling2d({}), [4, 4, 3], 0],
];

describe('the multiply-adds of a layer', () => {
  it.each(kinds)('are those worked out by hand: %s', (_, layer, input, expected) => {
    const start = tfl.input({ shape: input });
    const model = tfl.model({ inputs: start, outputs: layer().apply(start) as Symbolic });
    expect(total(layerCosts(model)).multiplyAdds).toEqual({ known: true, value: expected });
    model.dispose();
  });

  it('are unknown, with the reason, where a size is free', () => {
    const model = tfl.sequential({
      name: 'free',
      layers: [
        layers.conv2d({ inputShape: [null, null, 1], filters: 64, kernelSize: 3, name: 'first' }),
        layers.conv2d({ filters: 64, kernelSize: 3 }),
      ],
    });
    expect(total(layerCosts(model))).toMatchObject({
      parameters: { value: 9 * 64 + 64 + 9 * 64 * 64 + 64 },
      multiplyAdds: { known: false, reason: 'layer first has no fixed size' },
    });
    model.dispose();
  });

  it('are unknown for a layer of another kind, with its name', () => {
    class Twice extends tfl.layers.Layer {
      static readonly className = 'Twice';
      override call([x]: tf.Tensor[]): tf.Tensor {
        return tf.mul(x!, 2);
      }
    }
    const model = tfl.sequential({
      layers: [layers.dense({ inputShape: [3], units: 2 }), new Twice({ name: 'twice' })],
    });
    expect(total(layerCosts(model)).multiplyAdds).toEqual({
      known: false,
      reason: 'what layer twice (Twice) costs is not known',
    });
    model.dispose();
  });
});

describe('what a model costs', () => {
  it('counts a shared layer as often as it is applied, and its weights once', () => {
    const [left, right] = [tfl.input({ shape: [8, 8, 1] }), tfl.input({ shape: [8, 8, 1] })];
    const shared = layers.conv2d({ filters: 2, kernelSize: 3, name: 'shared' });
    const outputs = layers
      .add()
      .apply([shared.apply(left) as Symbolic, shared.apply(right) as Symbolic]) as Symbolic;
    const model = tfl.model({ inputs: [left, right], outputs });
    const uses = layerCosts(model);
    expect(total(uses)).toEqual({
      parameters: { known: true, value: 20 },
      allParameters: { known: true, value: 20 },
      multiplyAdds: { known: true, value: 2 * 36 * 9 * 2 },
    });
    expect(uses.slice(0, 2)).toMatchObject([
      { layer: 'shared', parameters: 20 },
      { layer: 'shared#2', parameters: 0 },
    ]);
    model.dispose();
  });

  it('counts the weights of a layer once over two models that have it', () => {
    const shared = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' });
    const inner = () => {
      const input = tfl.input({ shape: [8, 8, 4] });
      return tfl.model({ inputs: input, outputs: shared.apply(input) as Symbolic });
    };
    const image = tfl.input({ shape: [8, 8, 4] });
    const model = tfl.model({ inputs: image, outputs: inner().apply(inner().apply(image)) as Symbolic });
    expect(total(layerCosts(model))).toMatchObject({
      parameters: { value: 148 },
      multiplyAdds: { known: true, value: 2 * 64 * 144 },
    });
    model.dispose();
  });

  it('counts frozen layers among all weights, not among the trainable ones', () => {
    const model = tfl.sequential({
      layers: [layers.dense({ inputShape: [100], units: 10, trainable: false }), layers.batchNormalization()],
    });
    expect(total(layerCosts(model))).toMatchObject({
      parameters: { value: 20 },
      allParameters: { value: 1_010 + 40 },
    });
    model.dispose();
  });

  it('takes one ReLU, pooling or dropout object that is used twice', () => {
    const relu = layers.reLU();
    const image = tfl.input({ shape: [8, 8, 1] });
    const first = relu.apply(layers.conv2d({ filters: 1, kernelSize: 3, useBias: false }).apply(image));
    const outputs = relu.apply(
      layers.conv2d({ filters: 1, kernelSize: 3, useBias: false }).apply(first),
    ) as Symbolic;
    const model = tfl.model({ inputs: image, outputs });
    expect(total(layerCosts(model))).toMatchObject({
      parameters: { value: 18 },
      multiplyAdds: { known: true, value: 9 * 36 + 9 * 16 },
    });
    model.dispose();
  });
});
