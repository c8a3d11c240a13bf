import { describe, expect, test } from 'vitest';
import { known } from '../../../src/fact.ts';
import { whyStale } from '../../../src/training/stale.ts';
import { record } from '../../support/records.ts';

const before = { ...record(), recipe: { batch: 64, schedule: { type: 'constant', learningRate: 0.01 } } };
const present = {
  model: before.model,
  recipe: before.recipe,
  dataSha256: before.data.sha256,
  engine: before.engine,
};

describe('why a record no longer fits', () => {
  test('names every part that changed, with both values', () => {
    const model = { ...before.model, parameters: known(8_000) };
    const recipe = { ...before.recipe, batch: 32, momentum: 0.9 };
    expect(
      whyStale(before, {
        ...present,
        model,
        recipe,
        dataSha256: 'other',
        engine: { name: 'wasm', version: '2' },
      }),
    ).toEqual([
      '7,826 -> 8,000 parameters',
      'batch 64 -> 32',
      'momentum none -> 0.9',
      'other data',
      'engine wasm 1 -> wasm 2',
    ]);
  });

  test('names the receptive field, or the layer, where the number of parameters stayed', () => {
    expect(
      whyStale(before, {
        ...present,
        model: { ...before.model, receptiveField: known({ height: 32, width: 32 }) },
      }),
    ).toEqual(['receptive field 28 -> 32']);
    const layers = before.model.layers.map((layer) => ({ ...layer, output: [28, 28, 4] }));
    expect(whyStale(before, { ...present, model: { ...before.model, layers } })).toEqual([
      'layer convolution is another',
    ]);
  });

  test('says that it is a layer setting where no figure of the record tells', () => {
    expect(whyStale(before, present)).toEqual(["a layer's settings"]);
  });
});
