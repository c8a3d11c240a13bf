import '../../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { findIteration, iterations } from '../../../src/iterations/index.ts';
import { block, convolution } from '../../../src/model/blocks.ts';
import { buildModel } from '../../../src/model/build.ts';
import { known } from '../../../src/fact.ts';
import { layerCosts, total } from '../../../src/model/cost.ts';
import { initialWeights } from '../../../src/model/initialize.ts';
import type { Layer, Network } from '../../../src/model/layers.ts';
import { demandNoTensorsLeft } from '../../support/tensors.ts';

beforeAll(() => tf.setBackend('cpu'));

demandNoTensorsLeft();

describe.each(iterations.slice(0, 6))('the model of the published iteration $id', ({ id, network }) => {
  const parameters = { '1': 9_714, '6': 7_946 }[id[0]!] ?? 7_826;

  it(`has exactly ${parameters} trainable parameters`, () => {
    using(network, (model) => {
      expect(total(layerCosts(model)).parameters).toEqual(known(parameters));
      expect(model.trainableWeights.reduce((sum, { shape }) => sum + size(shape), 0)).toBe(parameters);
    });
  });

  it('has stock layers only, without bias or dense layers', () => {
    using(network, (model) => {
      const kinds = new Set(model.layers.map((layer) => layer.getClassName()));
      const allowed = [
        'InputLayer',
        'Conv2D',
        'BatchNormalization',
        'ReLU',
        'MaxPooling2D',
        'Dropout',
        'GlobalAveragePooling2D',
      ];
      expect([...kinds].filter((kind) => !allowed.includes(kind))).toEqual([]);
      expect(model.weights.filter(({ originalName }) => originalName.endsWith('bias'))).toEqual([]);
    });
  });
});

describe('a layer that uses the weights of another', () => {
  const twice: Layer[] = [
    { ...convolution(4, 'same'), name: 'first' },
    { type: 'relu' },
    { ...convolution(4, 'same'), weightsOf: 'first', name: 'second' },
    { type: 'globalAveragePool' },
  ];
  const built = (...layers: readonly Layer[]) => buildModel({ input: [8, 8, 4], layers });

  it('is the same layer, applied again: its parameters count once, its multiply-adds twice', () => {
    using({ input: [8, 8, 4], layers: twice }, (model) => {
      expect(total(layerCosts(model))).toMatchObject({
        parameters: known(4 * 4 * 9),
        multiplyAdds: known(2 * 8 * 8 * 4 * 4 * 9),
      });
      expect(model.weights).toHaveLength(1);
    });
  });

  it.each<readonly [string, Layer, string]>([
    [
      'nowhere to be found',
      { ...convolution(4), weightsOf: 'third' },
      'layer 4 (conv3) uses the weights of "third", which no layer before it is called. Known: first, relu1, second.',
    ],
    [
      'without weights',
      { ...convolution(4), weightsOf: 'relu1' },
      'layer 4 (conv3) uses the weights of "relu1", which has none. Name a layer with weights.',
    ],
    [
      'of another kind, set otherwise',
      { type: 'dense', units: 4, weightsOf: 'second' },
      'layer 4 (dense1) uses the weights of "second", but is set otherwise: ',
    ],
    [
      'set otherwise',
      { ...convolution(4, 'valid'), weightsOf: 'first' },
      'layer 4 (conv3) uses the weights of "first", but is set otherwise: padding. ',
    ],
  ])('is refused where that layer is %s', (_, layer, message) => {
    expect(() => built(...twice.slice(0, 3), layer)).toThrow(message);
  });

  it('is refused where it reads another number of channels', () => {
    const wide: Layer[] = [
      { ...convolution(5, 'same'), name: 'first' },
      { ...convolution(5, 'same'), weightsOf: 'first' },
    ];
    expect(() => built(...wide)).toThrow(
      'layer 2 (conv2) needs weights of 3 x 3 x 5 x 5, but those of "first" are 3 x 3 x 4 x 5. Let both read as many channels.',
    );
  });
});

describe('layerCosts', () => {
  it('counts what the published sizes of iteration 2 amount to', () => {
    const { network } = findIteration(2);
    const maps = [26, 24, 10, 8, 6, 4];
    const channels = [
      1,
      ...network.layers.flatMap((layer) => (layer.type === 'convolution' ? [layer.filters] : [])),
    ];
    const expected = maps.reduce((sum, side, i) => sum + side ** 2 * 9 * channels[i]! * channels[i + 1]!, 0);
    using(network, (model) => expect(total(layerCosts(model)).multiplyAdds).toEqual(known(expected)));
  });

  it('gives hand-counted figures for every layer', () => {
    const network: Network = {
      input: [8, 6, 2],
      layers: [...block(3), { type: 'maxPool', size: 2 }, { type: 'globalAveragePool' }],
    };
    using(network, (model) => {
      expect(layerCosts(model)).toEqual([
        // 6 x 4 positions x 3 x 3 x 2 inputs x 3 filters
        { layer: 'conv1', output: [6, 4, 3], parameters: 54, allParameters: 54, multiplyAdds: known(1296) },
        { layer: 'bn1', output: [6, 4, 3], parameters: 6, allParameters: 12, multiplyAdds: known(0) },
        { layer: 'relu1', output: [6, 4, 3], parameters: 0, allParameters: 0, multiplyAdds: known(0) },
        { layer: 'pool1', output: [3, 2, 3], parameters: 0, allParameters: 0, multiplyAdds: known(0) },
        { layer: 'gap1', output: [3], parameters: 0, allParameters: 0, multiplyAdds: known(0) },
      ]);
    });
  });
});

describe('a saved model', () => {
  it('is loaded by plain tfjs, through JSON, and predicts the same logits', async () => {
    const { network } = findIteration(6);
    const model = buildModel(network, { name: 'saved' });
    setInitialWeights(model, 3);
    const images = tf.randomUniform([2, 28, 28, 1], 0, 1, 'float32', 5);
    const expected = model.predict(images) as tf.Tensor;

    const saved: tf.io.ModelArtifacts[] = [];
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved.push(artifacts);
        return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
      }),
    );
    const { weightData, ...description } = saved[0]!;
    const json = JSON.parse(JSON.stringify(description)) as tf.io.ModelArtifacts;
    const loaded = await loadLayersModel(tf.io.fromMemory({ ...json, weightData: weightData! }));
    const found = loaded.predict(images) as tf.Tensor;

    expect(found.shape).toEqual([2, 10]);
    expect(found.dataSync()).toEqual(expected.dataSync());
    expect(new Set(expected.dataSync()).size).toBe(20);
    tf.dispose([images, expected, found]);
    model.dispose();
    loaded.dispose();
  });
});

describe('initialWeights', () => {
  const { network } = findIteration(1);

  it('are the same for the same seed, and others for another', () => {
    using(network, (model) => {
      expect(initialWeights(model, 1)).toEqual(initialWeights(model, 1));
      expect(initialWeights(model, 2)[0]).not.toEqual(initialWeights(model, 1)[0]);
    });
  });

  it('have these bits for seed 1, on every machine', () => {
    using(network, (model) => {
      const bits = new Uint32Array(initialWeights(model, 1)[0]!.slice(0, 4).buffer);
      expect([...bits].map((word) => word.toString(16).padStart(8, '0'))).toEqual([
        '3e74c7b4',
        'bf4707f9',
        '3e8255ea',
        'bf27f7dd',
      ]);
    });
  });

  it('fill the range of He-uniform, and start batch norm as the identity', () => {
    using(network, (model) => {
      for (const [i, values] of initialWeights(model, 1).entries()) {
        const { originalName, shape } = model.weights[i]!;
        expect(values.length).toBe(size(shape));
        if (originalName.endsWith('kernel')) {
          const bound = Math.sqrt(6 / (9 * shape[2]!));
          const largest = Math.max(...values.map(Math.abs));
          expect(largest).toBeLessThanOrEqual(Math.fround(bound));
          expect(largest).toBeGreaterThan(0.8 * bound);
          expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(
            0.35 * bound,
          );
        } else {
          const value = /(gamma|moving_variance)$/.test(originalName) ? 1 : 0;
          expect([...new Set(values)]).toEqual([value]);
        }
      }
    });
  });

  it('do not change when dropout is added', () => {
    const kernels = (iteration: number) => {
      const model = buildModel(findIteration(iteration).network);
      const weights = initialWeights(model, 1);
      model.dispose();
      return weights;
    };
    expect(kernels(3)).toEqual(kernels(2));
  });
});

describe('a network that cannot be built', () => {
  const impossible: readonly [string, readonly Layer[], string][] = [
    [
      'a window larger than its input',
      [...block(4), { type: 'maxPool', size: 2 }, convolution(10), { type: 'globalAveragePool' }],
      'layer 5 (conv2) has a 3 x 3 window, but its input is 2 x 2 x 4.',
    ],
    [
      'a convolution after the global pooling',
      [{ type: 'globalAveragePool' }, convolution(10)],
      'layer 2 (conv1) needs a height x width x channels input; its input is 1.',
    ],
    [
      'a map at its end',
      [convolution(10)],
      'The network ends with the shape 4 x 4 x 10, expected one value a class',
    ],
    ['no layers', [], 'The network ends with the shape 6 x 6 x 1'],
  ];

  it.each(impossible)('with %s is refused with the layer and the sizes', (_, layers, message) => {
    const build = () => buildModel({ input: [6, 6, 1], layers });
    expect(build).toThrow(GateError);
    expect(build).toThrow(message);
  });
});

function using(network: Network, test: (model: ReturnType<typeof buildModel>) => void): void {
  const model = buildModel(network);
  try {
    test(model);
  } finally {
    model.dispose();
  }
}

function setInitialWeights(model: ReturnType<typeof buildModel>, seed: number): void {
  tf.tidy(() => {
    const weights = initialWeights(model, seed);
    model.setWeights(weights.map((values, i) => tf.tensor(values, model.weights[i]!.shape as number[])));
  });
}

function size(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, n) => product * (n ?? 0), 1);
}
