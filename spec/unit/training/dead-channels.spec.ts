import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '../../support/cpu-backend.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { deadChannelsOf } from '../../../src/training/dead-channels.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('dead channels', () => {
  test('are named: a ReLU that never opens, and a kernel of zeros', () => {
    // Channels 0 and 1 pass the image on, 2 is always below zero, 3 has no kernel.
    const model = chain([1, 0.5, -1, 0], [1, 1, 1, 1]);
    expect(probe(model).dead).toEqual(['relu[2]', 'relu[3]']);
    model.dispose();
  });

  test('are named at the output, where a class always has the same value', () => {
    const model = chain([1, 0.5, 1, 1], [0, 0, 0, 0]);
    expect(probe(model)).toEqual({ images: 3, channels: 5, dead: ['logits[0]'] });
    model.dispose();
  });

  test('are none in a model whose channels all vary, and no tensor is left behind', () => {
    const model = chain([1, 0.5, 2, 3], [1, 1, 1, 1]);
    const before = tf.memory().numTensors;
    expect(probe(model).dead).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  test('are found in layers that have their activation themselves', () => {
    const model = tfl.sequential();
    model.add(
      tfl.layers.dense({ name: 'hidden', units: 2, activation: 'relu', inputShape: [1], useBias: false }),
    );
    model.add(tfl.layers.dense({ name: 'out', units: 1, useBias: false }));
    model.setWeights([tf.tensor2d([[1, -1]]), tf.tensor2d([[1], [1]])]);
    const x = tf.tensor2d([[1], [2]]);
    expect(deadChannelsOf(model, x).dead).toEqual(['hidden[1]']);
    x.dispose();
    model.dispose();
  });

  test('are found in a model inside the model, and at each use of a ReLU that is used twice', () => {
    const inner = chain([1, 0.5, -1, 0], [1, 1, 1, 1]);
    const relu = tfl.layers.reLU({ name: 'twice' });
    const image = tfl.input({ shape: [2, 2, 1] });
    const first = relu.apply(
      tfl.layers.dense({ units: 2, name: 'a', useBias: false }).apply(inner.apply(image)),
    );
    const outputs = relu.apply(
      tfl.layers.dense({ units: 1, name: 'b', useBias: false }).apply(first),
    ) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: image, outputs });
    model.getLayer('a').setWeights([tf.tensor2d([[1, -1]])]);
    model.getLayer('b').setWeights([tf.tensor2d([[-1], [0]])]);
    expect(probe(model).dead).toEqual([
      `${inner.name}/relu[2]`,
      `${inner.name}/relu[3]`,
      'twice[1]',
      'twice#2[0]',
    ]);
    model.dispose();
  });

  test('are sought along the channels where those come first', () => {
    const model = tfl.sequential();
    const convolution = { kernelSize: 1, useBias: false, dataFormat: 'channelsFirst' } as const;
    model.add(tfl.layers.conv2d({ ...convolution, filters: 3, inputShape: [1, 4, 2] }));
    model.add(tfl.layers.reLU({ name: 'relu' }));
    model.add(tfl.layers.flatten());
    model.add(tfl.layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }));
    model.setWeights([tf.tensor4d([1, -1, 2], [1, 1, 1, 3]), tf.ones([24, 1])]);
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 9], [1, 1, 4, 2]);
    const two = tf.concat([x, tf.mul(x, 2)]) as tf.Tensor4D;
    expect(deadChannelsOf(model, two).dead).toEqual(['relu[1]']);
    tf.dispose([x, two]);
    model.dispose();
  });
});

/** 1x1 convolution to four channels -> ReLU -> 1x1 convolution to one class -> global average. */
function chain(first: readonly number[], last: readonly number[]): tfl.LayersModel {
  const model = tfl.sequential();
  const convolution = { kernelSize: 1, useBias: false } as const;
  model.add(tfl.layers.conv2d({ ...convolution, name: 'conv', filters: 4, inputShape: [2, 2, 1] }));
  model.add(tfl.layers.reLU({ name: 'relu' }));
  model.add(tfl.layers.conv2d({ ...convolution, name: 'last', filters: 1 }));
  model.add(tfl.layers.globalAveragePooling2d({ name: 'logits' }));
  model.setWeights([tf.tensor4d([...first], [1, 1, 1, 4]), tf.tensor4d([...last], [1, 1, 4, 1])]);
  return model;
}

/** Over three bright images of four pixels, each another sum. */
function probe(model: tfl.LayersModel): ReturnType<typeof deadChannelsOf> {
  const x = tf.tensor4d([1, 2, 3, 4, 2, 3, 4, 5, 5, 6, 7, 9], [3, 2, 2, 1]);
  try {
    return deadChannelsOf(model, x);
  } finally {
    x.dispose();
  }
}
