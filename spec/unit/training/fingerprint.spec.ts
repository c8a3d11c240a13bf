import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../src/backend/select.ts';
import { buildModel } from '../../../src/model/build.ts';
import type { Layer, Network } from '../../../src/model/layers.ts';
import { type Fingerprinted, fingerprintOf, sha256OfJson } from '../../../src/training/fingerprint.ts';
import type { Recipe } from '../../../src/recipe/recipe.ts';
import { NETWORK, RECIPE } from '../../support/tiny-iteration.ts';
import { demandNoTensorsLeft } from '../../support/tensors.ts';

const REST: Omit<Fingerprinted, 'model'> = {
  recipe: RECIPE,
  dataSha256: 'd'.repeat(64),
  engine: { name: 'wasm', version: '1' },
};

beforeAll(() => selectBackend({ force: 'wasm' }));
demandNoTensorsLeft();

describe('the fingerprint of a graph', () => {
  it('changes with what a layer reads', () => {
    const branched = (from: string[]): Network => ({
      input: [8, 8, 1],
      layers: [
        { type: 'convolution', name: 'a', filters: 4, kernel: 3, padding: 'same' },
        { type: 'convolution', name: 'b', filters: 4, kernel: 3, padding: 'same' },
        { type: 'convolution', name: 'c', filters: 4, kernel: 3, padding: 'same' },
        { type: 'add', from },
        { type: 'globalAveragePool' },
      ],
    });
    expect(ofNetwork(branched(['a', 'c']))).not.toBe(ofNetwork(branched(['b', 'c'])));
    expect(ofNetwork(branched(['a', 'c']))).toBe(ofNetwork(branched(['a', 'c'])));
  });
});

describe('a fingerprint', () => {
  it.each<[string, Network]>([
    ['a channel more', withLayer('convolution', 0, { filters: 7 })],
    ['another kernel', withLayer('convolution', 1, { kernel: 2 })],
    ['another padding', withLayer('convolution', 1, { padding: 'same' })],
    ['another dropout rate', withLayer('dropout', 0, { rate: 0.03 })],
    ['a layer more', { ...NETWORK, layers: NETWORK.layers.toSpliced(5, 0, { type: 'dropout', rate: 0.02 }) }],
    ['a layer less', { ...NETWORK, layers: NETWORK.layers.toSpliced(4, 1) }],
    [
      'two layers in another order',
      { ...NETWORK, layers: NETWORK.layers.toSpliced(3, 2, NETWORK.layers[4]!, NETWORK.layers[3]!) },
    ],
    ['a larger input', { ...NETWORK, input: [30, 28, 1] }],
  ])('changes with %s', (_, network) => {
    expect(ofNetwork(network)).not.toBe(ofNetwork(NETWORK));
  });

  it.each<[string, Partial<Omit<Fingerprinted, 'model'>>]>([
    [
      'another learning rate',
      {
        recipe: {
          ...RECIPE,
          schedule: {
            type: 'linear',
            points: [
              [0, 0.1],
              [3, 0.001],
            ],
          },
        },
      },
    ],
    ['an epoch more', { recipe: { ...RECIPE, epochs: 4 } }],
    ['another batch', { recipe: { ...RECIPE, batch: 64 } }],
    ['another momentum', { recipe: { ...RECIPE, momentum: 0.8 } }],
    ['another weight decay', { recipe: { ...RECIPE, weightDecay: 0 } }],
    ['label smoothing', { recipe: { ...RECIPE, labelSmoothing: 0.1 } }],
    ['augmentation', { recipe: { ...RECIPE, augmentation: { rotation: 10 } } }],
    ['weight averaging', { recipe: { ...RECIPE, weightAveraging: { decay: 0.99 } } }],
    ['other data', { dataSha256: 'e'.repeat(64) }],
    ['another engine', { engine: { name: 'tfjs', version: '1' } }],
    ['another version of the engine', { engine: { name: 'wasm', version: '2' } }],
  ])('changes with %s', (_, change) => {
    expect(ofNetwork(NETWORK, change)).not.toBe(ofNetwork(NETWORK));
  });

  it('does not change with the names of the network and its layers', () => {
    const stock = (name: string) => {
      const model = tfl.sequential({ name });
      model.add(tfl.layers.conv2d({ name: `${name}-a`, inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }));
      model.add(tfl.layers.globalAveragePooling2d({ name: `${name}-b` }));
      return model;
    };
    expect(dispose(stock('one'))).toBe(dispose(stock('other')));
    expect(ofNetwork(NETWORK)).toBe(dispose(buildModel(NETWORK, { name: 'something else' })));
  });

  it('does not change with the weights', () => {
    const model = buildModel(NETWORK);
    const before = fingerprintOf({ model, ...REST });
    tf.tidy(() => model.setWeights(model.getWeights().map((weight) => tf.add(weight, 1))));
    expect(fingerprintOf({ model, ...REST })).toBe(before);
    model.dispose();
  });

  it('does not change with the order in which a recipe is written, nor with what is undefined', () => {
    const entries = Object.entries({ ...RECIPE, labelSmoothing: undefined });
    const recipe = Object.fromEntries(entries.toReversed()) as unknown as Recipe;
    expect(ofNetwork(NETWORK, { recipe })).toBe(ofNetwork(NETWORK));
  });
});

describe('the hash of a JSON value', () => {
  it('is that of its text with sorted keys', () => {
    // printf '{"a":[2,1],"b":{"c":null,"d":1}}' | sha256sum
    const expected = '78e4378259fd2290f0cfa8667d788096267be3dd0acf29c51cdf64d70b0f05af';
    expect(sha256OfJson({ b: { d: 1, c: null }, a: [2, 1] })).toBe(expected);
  });

  it('depends on the order of a list', () => {
    expect(sha256OfJson([1, 2])).not.toBe(sha256OfJson([2, 1]));
  });
});

function ofNetwork(network: Network, change: Partial<Omit<Fingerprinted, 'model'>> = {}): string {
  return dispose(buildModel(network), change);
}

/** The fingerprint of a model that is then disposed of. */
function dispose(model: tfl.LayersModel, change: Partial<Omit<Fingerprinted, 'model'>> = {}): string {
  const fingerprint = fingerprintOf({ model, ...REST, ...change });
  model.dispose();
  return fingerprint;
}

/** NETWORK with a change to the `nth` layer of a type. */
function withLayer<T extends Layer['type']>(
  type: T,
  nth: number,
  change: Partial<Extract<Layer, { type: T }>>,
): Network {
  const places = NETWORK.layers.flatMap((layer, i) => (layer.type === type ? [i] : []));
  const layers = NETWORK.layers.map((layer, i) =>
    i === places[nth] ? ({ ...layer, ...change } as Layer) : layer,
  );
  return { ...NETWORK, layers };
}
