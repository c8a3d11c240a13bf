import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { madeUpDigits } from '../../src/data/digits.ts';
import { defineIteration } from '../../src/iterations/define.ts';
import { block, convolution } from '../../src/model/blocks.ts';
import { obtainEvidence } from '../../src/study/evidence.ts';
import { renewRecords } from '../../src/training/renew.ts';

const data = madeUpDigits({ seed: 1, train: 64, test: 50 });
const small = defineIteration({
  id: '1-small',
  name: 'Small',
  concept: 'none',
  why: 'For this spec.',
  network: {
    input: [28, 28, 1],
    layers: [...block(4), { type: 'maxPool', size: 2 }, convolution(10), { type: 'globalAveragePool' }],
  },
  recipe: {
    epochs: 2,
    batch: 32,
    schedule: { type: 'constant', learningRate: 0.01 },
    momentum: 0.9,
    weightDecay: 0,
  },
});
const changed = { ...small, recipe: { ...small.recipe, batch: 16 } };

let folder = '';
let backend: Backend;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codecodecode-'));
  backend = await selectBackend({ force: 'wasm' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('renewing records', () => {
  test('trains the first seed where there is no record, and nothing where it fits', async () => {
    const first = await renewRecords(small, { data, backend, folder });
    expect(first).toMatchObject({ why: 'it has no record yet', renewed: [{ seed: 1 }] });
    expect(await renewRecords(small, { data, backend, folder })).toEqual({
      id: '1-small',
      renewed: [],
      why: 'its records fit',
    });
  });

  test('trains a record anew that no longer fits, so that the gate takes it again', async () => {
    process.env['GATE_TRAIN'] = 'never';
    try {
      await expect(obtainEvidence(changed, { data, backend, folder })).rejects.toThrow(
        '1-small: its record no longer fits: batch 32 -> 16; and GATE_TRAIN=never forbids to train it here.',
      );
      const { renewed } = await renewRecords(changed, { data, backend, folder });
      expect(renewed.map(({ seed, recipe }) => [seed, recipe['batch']])).toEqual([[1, 16]]);
      expect(await obtainEvidence(changed, { data, backend, folder })).toMatchObject({
        provenance: 're-evaluated',
      });
    } finally {
      delete process.env['GATE_TRAIN'];
    }
  });
});
