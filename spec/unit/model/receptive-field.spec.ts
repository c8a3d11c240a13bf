import '../../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { findIteration, iterations } from '../../../src/iterations/index.ts';
import { buildModel } from '../../../src/model/build.ts';
import { fieldsOfModel, receptiveFieldTable } from '../../../src/model/geometry.ts';
import { printReceptiveField } from '../../../src/model/receptive-field.ts';
import { paddingOf } from '../../../src/ops/window.ts';
import { inputExtent } from './input-extent.ts';

beforeAll(() => tf.setBackend('cpu'));

/** As published for iterations 1 to 5. */
const MODEL_1 = `
|Layer No.|Operation|Input Feat.|Kernel Size|Padding|Stride|Output Feat.|Jump in|Jump Out|RF in|RF Out|
|:-------:|:-------:|:---------:|:---------:|:-----:|:----:|:----------:|:-----:|:------:|:---:|:----:|
|1|Conv2d|28|3|0|1|26|1|1|1|3|
|2|Conv2d|26|3|0|1|24|1|1|3|5|
|3|MaxPool|24|2|0|2|12|1|2|5|6|
|4|Conv2d|12|3|0|1|10|2|2|6|10|
|5|Conv2d|10|3|0|1|8|2|2|10|14|
|6|Conv2d|8|3|0|1|6|2|2|14|18|
|7|Conv2d|6|3|0|1|4|2|2|18|22|
|8|GAP|4|4|0|1|1|2|2|22|28|`;

/** As published for iteration 6. */
const MODEL_2 = `
|Layer No.|Operation|Input Feat.|Kernel Size|Padding|Stride|Output Feat.|Jump in|Jump Out|RF in|RF Out|
|:-------:|:-------:|:---------:|:---------:|:-----:|:----:|:----------:|:-----:|:------:|:---:|:----:|
|1|Conv2d|28|3|1|1|28|1|1|1|3|
|2|Conv2d|28|3|1|1|28|1|1|3|5|
|3|MaxPool|28|2|0|2|14|1|2|5|6|
|4|Conv2d|14|3|0|1|12|2|2|6|10|
|5|Conv2d|12|3|0|1|10|2|2|10|14|
|6|Conv2d|10|3|0|1|8|2|2|14|18|
|7|Conv2d|8|3|0|1|6|2|2|18|22|
|8|Conv2d|6|3|0|1|4|2|2|22|26|
|9|GAP|4|4|0|1|1|2|2|26|32|`;

describe('the receptive field of the built model', () => {
  it.each(iterations.slice(0, 6))(
    'of the published iteration $id is the published table',
    ({ id, network }) => {
      const model = buildModel(network);
      expect(`\n${printReceptiveField(receptiveFieldTable(model))}`).toBe(
        id.startsWith('6') ? MODEL_2 : MODEL_1,
      );
      model.dispose();
    },
  );

  it('follows the model, not the iteration: one padding changed gives another table', () => {
    const { network } = findIteration(6);
    const [first, ...rest] = network.layers;
    const model = buildModel({
      ...network,
      layers: [{ ...first!, padding: 'valid' } as typeof first & object, ...rest],
    });
    expect(receptiveFieldTable(model)[0]).toMatchObject({ padding: 0, outputSize: 26 });
    model.dispose();
  });
});

/**
 * The layers between the input and the output whose field is measured; each is a function, so that every test builds
 * its own. 'relu' and batch norm are among them to show that they change nothing.
 */
const architectures: readonly [string, () => tfl.layers.Layer[]][] = [
  ['a 5x5 convolution', () => [conv(5)]],
  ['a 2x2 convolution, same', () => [conv(2, { padding: 'same' })]],
  ['strided convolutions', () => [conv(3, { strides: 2 }), conv(3, { strides: 3 }), conv(2)]],
  [
    'strided convolutions, same',
    () => [conv(3, { strides: 2, padding: 'same' }), conv(4, { strides: 2, padding: 'same' }), conv(3)],
  ],
  [
    'dilated convolutions',
    () => [conv(3), conv(3, { dilationRate: 2 }), conv(3, { dilationRate: 4, padding: 'same' })],
  ],
  ['dilation after a stride', () => [conv(3, { strides: 2 }), conv(3, { dilationRate: 3 })]],
  [
    'overlapping max pools',
    () => [
      tfl.layers.maxPooling2d({ poolSize: 3, strides: 2 }),
      conv(3),
      tfl.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }),
    ],
  ],
  ['average pools', () => [conv(3), tfl.layers.averagePooling2d({ poolSize: 4, strides: 4 }), conv(2)]],
  ['a kernel and a stride that differ by axis', () => [conv([3, 5], { strides: [2, 1] }), conv([1, 4])]],
  [
    'depthwise and separable convolutions',
    () => [
      tfl.layers.depthwiseConv2d({ kernelSize: 3, strides: 2 }),
      tfl.layers.separableConv2d({ filters: 2, kernelSize: 5 }),
    ],
  ],
  [
    'zero padding, batch norm, activations and dropout',
    () => [
      tfl.layers.zeroPadding2d({ padding: 2 }),
      conv(3),
      tfl.layers.batchNormalization(),
      tfl.layers.leakyReLU(),
      tfl.layers.dropout({ rate: 0.5 }),
      conv(3),
    ],
  ],
  [
    'convolutions after a model within the model',
    () => [
      tfl.sequential({
        layers: [tfl.layers.conv2d({ inputShape: [40, 40, 1], filters: 2, kernelSize: 3, strides: 2 })],
      }),
      conv(3),
    ],
  ],
];

describe('the extent of the non-zero input gradient of one output', () => {
  it.each(architectures)('is the computed receptive field, in height and width, of %s', (_, layers) => {
    const model = tfl.sequential({
      layers: [tfl.layers.inputLayer({ inputShape: [40, 40, 1] }), ...layers()],
    });
    const computed = {
      height: receptiveFieldTable(model, 'height').at(-1)!.receptiveFieldOut,
      width: receptiveFieldTable(model, 'width').at(-1)!.receptiveFieldOut,
    };
    expect(inputExtent(model, 8)).toEqual(computed);
    model.dispose();
  });

  it.each(iterations)('is the computed receptive field of iteration $id', ({ network }) => {
    const model = buildModel(network);
    const field = receptiveFieldTable(model).at(-1)!.receptiveFieldOut;
    // Wider than the image, as the field of iteration 6 is 32.
    expect(inputExtent(model, 10)).toEqual({ height: field, width: field });
    model.dispose();
  });
});

describe('a dense layer', () => {
  it('sees all that is left of the map when it is flattened', () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [12, 12, 1], filters: 2, kernelSize: 3, strides: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 4 }),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    expect(receptiveFieldTable(model)).toMatchObject([
      { operation: 'Conv2d', outputSize: 5, receptiveFieldOut: 3 },
      { operation: 'Dense', inputSize: 5, kernel: 5, outputSize: 1, receptiveFieldOut: 11 },
      { operation: 'Dense', inputSize: 1, kernel: 1, outputSize: 1, receptiveFieldOut: 11 },
    ]);
    model.dispose();
  });

  it('sees what the global average sees when it follows one', () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [12, 12, 1], filters: 2, kernelSize: 3 }),
        tfl.layers.globalAveragePooling2d({}),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    expect(receptiveFieldTable(model).map(({ receptiveFieldOut }) => receptiveFieldOut)).toEqual([3, 12, 12]);
    model.dispose();
  });
});

describe("padding 'same'", () => {
  it.each([
    [28, 3, 1, 1, [1, 1]],
    [28, 2, 1, 1, [0, 1]],
    [28, 3, 2, 1, [0, 1]],
    [27, 3, 2, 1, [1, 1]],
    [28, 5, 1, 1, [2, 2]],
    [28, 3, 1, 2, [2, 2]],
    [28, 1, 2, 1, [0, 0]],
  ])(
    'of %i pixels, kernel %i, stride %i, dilation %i is %j, as TensorFlow has it',
    (size, kernel, stride, dilation, expected) => {
      expect(paddingOf('same', size, { kernel, stride, dilation })).toEqual(expected);
      const info = tf.backend_util.computeConv2DInfo(
        [1, size, size, 1],
        [kernel, kernel, 1, 1],
        stride,
        dilation,
        'same',
      );
      expect([info.padInfo.top, info.padInfo.bottom]).toEqual(expected);
    },
  );
});

describe('a model with branches', () => {
  const input = () => tfl.input({ shape: [16, 16, 1] });
  type Symbolic = tfl.SymbolicTensor;

  it('sees what its branches see together', () => {
    const start = input();
    const wide = conv(5, { padding: 'same' }).apply(conv(3, { padding: 'same' }).apply(start)) as Symbolic;
    const sum = tfl.layers.add().apply([conv(1).apply(start) as Symbolic, wide]) as Symbolic;
    const model = tfl.model({ inputs: start, outputs: conv(3, { strides: 2 }).apply(sum) as Symbolic });
    expect(receptiveFieldTable(model).map((row) => [row.operation, row.receptiveFieldOut])).toEqual([
      ['Conv2d', 1],
      ['Conv2d', 3],
      ['Conv2d', 7],
      ['Add', 7],
      ['Conv2d', 9],
    ]);
    model.dispose();
  });

  it('sees from the first to the last pixel of branches that look to different sides', () => {
    const start = input();
    const side = (before: number, after: number) =>
      conv([3, 1]).apply(
        tfl.layers
          .zeroPadding2d({
            padding: [
              [before, after],
              [0, 0],
            ],
          })
          .apply(start),
      ) as Symbolic;
    // One reads two rows above, the other two below.
    const outputs = tfl.layers.concatenate().apply([side(2, 0), side(0, 2)]) as Symbolic;
    const model = tfl.model({ inputs: start, outputs });
    expect(receptiveFieldTable(model).at(-1)).toMatchObject({ operation: 'Concat', receptiveFieldOut: 5 });
    model.dispose();
  });

  it('has no field where they meet at different distances, and the merge is named', () => {
    const start = input();
    const strided = conv(1, { strides: 2 }).apply(start) as Symbolic;
    const cut = conv(9).apply(start) as Symbolic;
    const sum = tfl.layers.add({ name: 'sum' }).apply([strided, cut]) as Symbolic;
    const model = tfl.model({ inputs: start, outputs: sum });
    expect(fieldsOfModel(model)).toEqual({
      known: false,
      reason: 'layer sum merges positions that lie 2 and 1 pixels apart',
    });
    model.dispose();
  });

  it('grows by each use of a shared layer', () => {
    const start = input();
    const shared = conv(3, { filters: 1 });
    const pool = tfl.layers.maxPooling2d({ poolSize: 2 });
    const outputs = pool.apply(shared.apply(pool.apply(shared.apply(start)))) as Symbolic;
    const model = tfl.model({ inputs: start, outputs });
    expect(
      receptiveFieldTable(model).map(({ layerName, receptiveFieldOut }) => [
        layerName!.split('#')[1],
        receptiveFieldOut,
      ]),
    ).toEqual([
      [undefined, 3],
      [undefined, 4],
      ['2', 8],
      ['2', 10],
    ]);
    model.dispose();
  });

  it('has its field before the head where no branch goes around it', () => {
    const start = input();
    const map = conv(3).apply(start) as Symbolic;
    const pooled = tfl.layers.globalAveragePooling2d({}).apply(map) as Symbolic;
    const both = tfl.layers
      .concatenate()
      .apply([pooled, tfl.layers.globalMaxPooling2d({}).apply(conv(5).apply(start)) as Symbolic]);
    const outputs = tfl.layers.dense({ units: 2 }).apply(both as Symbolic) as Symbolic;
    const model = tfl.model({ inputs: start, outputs });
    // Neither pooling is the head of the whole: the dense layer is.
    expect(fieldsOfModel(model)).toMatchObject({ value: { field: 16, beforeHead: 16 } });
    const one = tfl.model({ inputs: start, outputs: pooled });
    expect(fieldsOfModel(one)).toMatchObject({ value: { field: 16, beforeHead: 3 } });
    model.dispose();
  });

  it.each([
    ['channels last', 'channelsLast', [20, 12, 1]],
    ['channels first', 'channelsFirst', [1, 20, 12]],
  ] as const)('has a field for each axis, with %s', (_, dataFormat, shape) => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [...shape], filters: 2, kernelSize: [5, 2], dataFormat }),
        tfl.layers.globalAveragePooling2d({ dataFormat }),
      ],
    });
    expect(fieldsOfModel(model, 'height')).toMatchObject({ value: { field: 20, beforeHead: 5 } });
    expect(fieldsOfModel(model, 'width')).toMatchObject({ value: { field: 12, beforeHead: 2 } });
    model.dispose();
  });
});

describe('a model whose receptive field is not known', () => {
  const input = () => tfl.input({ shape: [8, 8, 1] });

  it('is read like any other when it is functional, but a chain', () => {
    const start = input();
    const model = tfl.model({ inputs: start, outputs: conv(3).apply(start) as tfl.SymbolicTensor });
    expect(receptiveFieldTable(model)).toMatchObject([{ operation: 'Conv2d', receptiveFieldOut: 3 }]);
    model.dispose();
  });

  it('is named with the layer that nobody taught', () => {
    const model = tfl.sequential({
      layers: [tfl.layers.upSampling2d({ inputShape: [8, 8, 1], name: 'up' })],
    });
    expect(() => receptiveFieldTable(model)).toThrow(
      'is not known: the reach of layer up (UpSampling2D) is not known.',
    );
    model.dispose();
  });

  it('has free sizes', () => {
    const model = tfl.sequential({ layers: [conv(3, { inputShape: [null, null, 1] } as object)] });
    expect(fieldsOfModel(model)).toMatchObject({
      known: false,
      reason: expect.stringContaining('[any, any, any, 1]'),
    });
    model.dispose();
  });

  it('is refused with what its input is', () => {
    const model = tfl.sequential({ name: 'flat', layers: [tfl.layers.dense({ inputShape: [5], units: 2 })] });
    expect(() => receptiveFieldTable(model)).toThrow(
      'one input [batch, height, width, channels] of known size; "flat" has [any, 5]',
    );
    model.dispose();
  });
});

function conv(
  kernelSize: number | [number, number],
  options: Partial<Parameters<typeof tfl.layers.conv2d>[0]> = {},
): tfl.layers.Layer {
  return tfl.layers.conv2d({ filters: 2, kernelSize, ...options });
}
