import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { findIteration, iterations } from '../../../src/iterations/index.ts';
import { buildModel } from '../../../src/model/build.ts';
import { receptiveFieldTable } from '../../../src/model/geometry.ts';
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
    expect(inputExtent(model, 40)).toEqual(computed);
    model.dispose();
  });

  it.each(iterations)('is the computed receptive field of iteration $id', ({ network }) => {
    const model = buildModel(network);
    const field = receptiveFieldTable(model).at(-1)!.receptiveFieldOut;
    // Wider than the image, as the field of iteration 6 is 32.
    expect(inputExtent(model, 40)).toEqual({ height: field, width: field });
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

describe('a model whose receptive field is not known', () => {
  const input = () => tfl.input({ shape: [8, 8, 1] });

  it('is named with the layer where it branches', () => {
    const start = input();
    const left = tfl.layers
      .conv2d({ filters: 1, kernelSize: 3, padding: 'same', name: 'left' })
      .apply(start) as tfl.SymbolicTensor;
    const sum = tfl.layers.add({ name: 'sum' }).apply([start, left]) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: start, outputs: sum, name: 'residual' });
    expect(() => receptiveFieldTable(model)).toThrow(GateError);
    expect(() => receptiveFieldTable(model)).toThrow(
      'in "residual" the layer "sum" does not take just the output of "left"',
    );
    model.dispose();
  });

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
      'through layer "up" (UpSampling2D) is not known. Known: Conv2D,',
    );
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
