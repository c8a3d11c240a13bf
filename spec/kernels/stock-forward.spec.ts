import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { makeDataset } from '../../src/data/check-dataset.ts';
import { dropoutBits, dropoutKey, dropoutThreshold } from '../../src/engine/draws.ts';
import { createStockEngine } from '../../src/engine/stock.ts';
import { forwardOf } from '../../src/engine/stock/forward.ts';
import { block } from '../../src/model/blocks.ts';
import { buildModel } from '../../src/model/build.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Network } from '../../src/model/layers.ts';
import { uniform } from '../../src/random.ts';
import { setWeights } from '../../src/training/weights-file.ts';

beforeAll(() => selectBackend({ force: 'cpu' }));

const values = (size: number, key: number) =>
  Float32Array.from({ length: size }, (_, i) => uniform(key, i) - 0.5);
const images = () => tf.tensor4d(values(2 * 6 * 6 * 3, 1), [2, 6, 6, 3]);
const softmaxOf = (logits: tf.Tensor) => [...tf.softmax(logits as tf.Tensor2D).dataSync()];

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  Array.from(found).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
}

/** Two convolutions, one of them used twice, an addition, a concatenation and a softmax. */
function branched(end: 'layer' | 'activation' | 'dense' | 'none'): tfl.LayersModel {
  const image = tfl.input({ shape: [6, 6, 3] });
  const shared = tfl.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' });
  const other = tfl.layers.conv2d({ filters: 3, kernelSize: 1 }).apply(image) as tfl.SymbolicTensor;
  const twice = shared.apply(shared.apply(image) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
  const sum = tfl.layers.add().apply([twice, other]) as tfl.SymbolicTensor;
  const both = tfl.layers.concatenate().apply([sum, image]) as tfl.SymbolicTensor;
  const mean = tfl.layers.globalAveragePooling2d({}).apply(both) as tfl.SymbolicTensor;
  const dense = tfl.layers
    .dense({ units: 4, ...(end === 'dense' && { activation: 'softmax' as const }) })
    .apply(mean) as tfl.SymbolicTensor;
  const outputs = {
    none: () => dense,
    dense: () => dense,
    layer: () => tfl.layers.softmax().apply(dense) as tfl.SymbolicTensor,
    activation: () => tfl.layers.activation({ activation: 'softmax' }).apply(dense) as tfl.SymbolicTensor,
  };
  return tfl.model({ inputs: image, outputs: outputs[end]() });
}

describe('the plain forward pass', () => {
  it.each(['layer', 'activation', 'dense'] as const)(
    'of branches and a layer used twice gives the logits of a softmax at the end as %s',
    (end) => {
      const model = branched(end);
      tf.tidy(() => {
        const x = images();
        const logits = forwardOf(model)(x);
        expectClose(softmaxOf(logits), (model.predict(x) as tf.Tensor).dataSync());
        expect(Math.abs(tf.sum(logits).dataSync()[0]! - 2)).toBeGreaterThan(1e-3);
        // The layer has its softmax again afterwards.
        expectClose(tf.sum(model.predict(x) as tf.Tensor, 1).dataSync(), [1, 1]);
      });
      model.dispose();
    },
  );

  it('is what the model predicts where no softmax ends it, and for a model inside a model', () => {
    const inner = branched('none');
    const outer = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [6, 6, 3] }), inner] });
    tf.tidy(() => {
      const x = images();
      expectClose(forwardOf(outer)(x).dataSync(), (inner.predict(x) as tf.Tensor).dataSync());
    });
    outer.dispose();
  });

  it('draws a mask for every use of a dropout: two in a row, and one for all positions of a channel', () => {
    const spatial = tfl.layers.dropout({ rate: 0.25, noiseShape: [null, 1, 1, null] as unknown as number[] });
    const model = tfl.sequential({
      layers: [
        tfl.layers.dropout({ rate: 0.5, inputShape: [2, 2, 3] }),
        tfl.layers.dropout({ rate: 0.5 }),
        spatial,
        tfl.layers.flatten(),
      ],
    });
    const kept = (index: number, i: number, size: number, rate: number) =>
      dropoutBits(dropoutKey(7, index, 3), i, size) >= dropoutThreshold(rate) ? 1 / (1 - rate) : 0;
    const expected = Array.from({ length: 24 }, (_, i) => {
      const [image, channel] = [Math.floor(i / 12), i % 3];
      return kept(0, i, 12, 0.5) * kept(1, i, 12, 0.5) * kept(2, image * 3 + channel, 3, 0.25);
    });
    tf.tidy(() => {
      const x = tf.ones([2, 2, 2, 3]);
      expectClose(forwardOf(model)(x, { seed: 7, step: 3 }).dataSync(), expected);
      expectClose(
        forwardOf(model)(x).dataSync(),
        Array.from({ length: 24 }, () => 1),
      );
    });
    expect(new Set(expected).size).toBeGreaterThan(1);
  });
});

describe('the stock engine', () => {
  const set = (count: number) => ({
    count,
    height: 6,
    width: 6,
    channels: 3,
    pixels: Uint8Array.from({ length: count * 108 }, (_, i) => Math.floor(256 * uniform(5, i))),
    labels: Uint16Array.from({ length: count }, (_, i) => i % 300),
  });
  const data = makeDataset({ name: 'noise', classes: 300, train: set(30), test: set(20) });
  const recipe = { epochs: 1, batch: 10, schedule: { type: 'constant', learningRate: 0.1 } } as const;
  const network: Network = {
    input: [6, 6, 3],
    layers: [
      { type: 'convolution', name: 'stem', filters: 4, kernel: 3, padding: 'same' },
      ...block(4, 'same'),
      { type: 'spatialDropout', rate: 0.1 },
      { type: 'add', from: ['stem', 'spatial1'] },
      { type: 'globalAveragePool' },
      { type: 'dense', units: 300 },
    ],
  };

  it('trains a residual network of plain data on colour images of 300 classes', () => {
    const model = buildModel(network);
    setWeights(model, initialWeights(model, 1));
    const before = tf.memory().numTensors;
    const engine = createStockEngine({
      model,
      recipe,
      seed: 1,
      train: data.train,
      statistics: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    });
    const images = Uint32Array.from({ length: 10 }, (_, i) => i);
    const losses = Array.from(
      { length: 6 },
      (_, step) => engine.step({ images, epoch: 0, step, learningRate: 0.1 }).loss / 10,
    );
    expect(losses[0]).toBeGreaterThan(5);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.1);
    // A class above 255 is told from the one that is 256 below.
    setWeights(
      model,
      initialWeights(model, 1).map((weight) =>
        weight.length === 300 ? weight.map((_, i) => (i === 299 ? 9 : 0)) : weight,
      ),
    );
    expect([...engine.evaluate(data.test).predictions]).toEqual(Array.from({ length: 20 }, () => 299));
    engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  }, 30_000);

  it.each([
    [
      'a regularizer',
      tfl.layers.dense({ units: 2, inputShape: [4], name: 'd', kernelRegularizer: 'l1l2' }),
      'layer d: its kernelRegularizer would not be part of the loss',
    ],
    [
      'noise of tfjs',
      tfl.layers.gaussianNoise({ stddev: 1, inputShape: [4], name: 'n' }),
      'layer n: GaussianNoise draws random numbers of tfjs',
    ],
  ])('refuses to train a model with %s, by the layer', (_, layer, message) => {
    const model = tfl.sequential({ layers: [layer] });
    expect(() => createStockEngine({ model, recipe, seed: 1, train: data.train })).toThrow(message);
    expect(() => createStockEngine({ model, recipe, seed: 1 }).dispose()).not.toThrow();
    model.dispose();
  });

  it('refuses a model of two inputs', () => {
    const [a, b] = [tfl.input({ shape: [4] }), tfl.input({ shape: [4] })];
    const model = tfl.model({
      inputs: [a, b],
      outputs: tfl.layers.add().apply([a, b]) as tfl.SymbolicTensor,
    });
    expect(() => forwardOf(model)).toThrow('has 2 inputs and 1 outputs');
  });
});
