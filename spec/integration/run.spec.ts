import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { known, valueOr } from '../../src/fact.ts';
import { buildModel } from '../../src/model/build.ts';
import { modelFacts } from '../../src/model/facts.ts';
import { runRecordSchema } from '../../src/record.ts';
import { fingerprintOf } from '../../src/training/fingerprint.ts';
import { confusionMatrix, run, type Run } from '../../src/training/run.ts';
import { sealed } from '../../src/training/store.ts';
import { setWeightsFromBytes, sha256OfBytes } from '../../src/training/weights-file.ts';
import { DIGITS, RECIPE, TINY } from '../support/tiny-iteration.ts';

let backend: Backend;
let done: Run;
let tensorsLeft = 0;
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
  const before = tf.memory().numTensors;
  done = await run({ iteration: TINY, data: DIGITS, backend, seed: 5 });
  tensorsLeft = tf.memory().numTensors - before;
});

describe('a run', () => {
  it('learns made-up digits to more than 95 per cent', () => {
    expect(done.record.epochs.at(-1)!.testCorrect).toBeGreaterThan(0.95 * DIGITS.test.count);
  });

  it('leaves no tensor behind', () => {
    expect(tensorsLeft).toBe(0);
  });

  it('is recorded whole, in the form of a record', () => {
    const { record } = done;
    expect(runRecordSchema.parse(record)).toEqual(record);
    expect(record).toMatchObject({
      id: '9-tiny',
      name: 'Tiny',
      seed: 5,
      engine: { name: 'wasm' },
      backend: { name: 'wasm', version: backend.version, reason: 'forced by GATE_BACKEND=wasm' },
      versions: { node: process.versions.node, tfjs: tf.version_core },
      data: {
        name: 'made-up digits',
        sha256: DIGITS.sha256,
        train: 2_000,
        test: 500,
        classes: 10,
        repeated: 0,
      },
      recipe: RECIPE,
      threads: 1,
    });
    expect(record.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(record.seconds).toBeGreaterThan(0);
  });

  it('says of its network what follows from it, worked by hand', () => {
    const { model } = done.record;
    // 5x5x6 + 2x6, 3x3x6x12 + 2x12, 3x3x12x10; fields of 5, 6, 10, 12 and 20, then the rest of the image.
    expect(model.parameters).toEqual(known(150 + 12 + 648 + 24 + 1_080));
    // A batch norm has as many moving statistics as trained parameters.
    expect(model.allParameters).toEqual(known(150 + 2 * 12 + 648 + 2 * 24 + 1_080));
    expect(model.multiplyAdds).toEqual(known(24 * 24 * 150 + 10 * 10 * 648 + 3 * 3 * 1_080));
    const table = valueOr(model.receptiveFieldTable, []);
    expect(table.map(({ receptiveFieldOut }) => receptiveFieldOut).slice(0, 5)).toEqual([5, 6, 10, 12, 20]);
    // The output reads a map of 3x3, its positions 4 pixels apart: 20 + 2 x 4.
    expect(model.receptiveField).toEqual(known({ height: 28, width: 28 }));
    expect(model.receptiveFieldBeforeHead).toEqual(known({ height: 20, width: 20 }));
  });

  it('is sealed, and carries the fingerprint of its network, recipe, data and engine', () => {
    const { seal, ...rest } = done.record;
    expect(sealed(rest).seal).toBe(seal);
    const model = buildModel(TINY.network);
    const { engine } = done.record as { engine: { name: 'wasm'; version: string } };
    expect(done.record.fingerprint).toBe(
      fingerprintOf({ model, recipe: RECIPE, dataSha256: DIGITS.sha256, engine }),
    );
    model.dispose();
  });

  it('has a confusion matrix of all test images, whose diagonal is what it got right', () => {
    const { confusion, epochs } = done.record;
    const perClass = Array.from(
      { length: 10 },
      (_, c) => DIGITS.test.labels.filter((label) => label === c).length,
    );
    expect(confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual(perClass);
    expect(confusion.reduce((sum, row, i) => sum + row[i]!, 0)).toBe(epochs.at(-1)!.testCorrect);
  });

  it('hands over the weights whose hash stands in the record, and they make a model', () => {
    const { weights, record } = done;
    expect(record.weights).toEqual({
      file: `9-tiny.seed-5.${sha256OfBytes(weights).slice(0, 16)}.weights.bin`,
      bytes: weights.length,
      sha256: sha256OfBytes(weights),
    });
    const model = buildModel(TINY.network);
    setWeightsFromBytes(model, weights, 'weights.bin');
    expect(modelFacts(model)).toEqual(record.model);
    model.dispose();
  });

  it('gives the same figures and weights again, and others with another seed', async () => {
    const short = { ...TINY, recipe: { ...RECIPE, epochs: 1 } };
    const of = async (seed: number) => {
      const { record } = await run({ iteration: short, data: DIGITS, backend, seed });
      const [{ seconds: _, ...epoch }] = record.epochs as [(typeof record.epochs)[0]];
      return { weights: record.weights.sha256, epoch, confusion: record.confusion };
    };
    const first = await of(1);
    expect(await of(1)).toEqual(first);
    expect((await of(2)).weights).not.toBe(first.weights);
  });

  it('leaves no tensor behind on plain operations either', async () => {
    const before = tf.memory().numTensors;
    const { train, test } = DIGITS;
    const few = { ...DIGITS, train: { ...train, count: 64 }, test: { ...test, count: 20 } };
    const recipe = { ...RECIPE, epochs: 1, labelSmoothing: 0.1, weightAveraging: { decay: 0.9 } };
    const { record } = await run({
      iteration: { ...TINY, recipe },
      data: few,
      backend: { ...backend, name: 'cpu' },
      seed: 1,
    });
    expect(record.engine.name).toBe('tfjs');
    expect(record.weights.file).toMatch(/^9-tiny\.seed-1\.cpu\.[0-9a-f]{16}\.weights\.bin$/);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the confusion matrix', () => {
  it('has true classes in rows and predicted ones in columns, worked by hand', () => {
    const test = {
      count: 4,
      height: 1,
      width: 1,
      pixels: new Uint8Array(4),
      labels: Uint8Array.of(0, 1, 1, 2),
    };
    expect(confusionMatrix({ ...DIGITS, classes: 3, test }, Uint8Array.of(0, 2, 1, 0))).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [1, 0, 0],
    ]);
  });
});
