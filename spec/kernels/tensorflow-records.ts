import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countCorrect, furthest, logitsOfRecord } from '../../src/backends/logits.ts';
import { selectBackend } from '../../src/backend/select.ts';
import { madeUpDigits } from '../../src/data/digits.ts';
import { findMnist } from '../../src/data/mnist.ts';
import { iterations } from '../../src/iterations/index.ts';
import { FIRST_SEED } from '../../src/training/evidence.ts';
import { readRecords, RUNS_FOLDER } from '../../src/training/store.ts';

/** Furthest that an answer of tfjs-node may be from that of WASM: answers are of the order of 10. */
const LOGIT_TOLERANCE = 1e-3;
/** Images on the brink that may tip over on other arithmetic. */
const IMAGES_TOLERATED = 2;

const mnist = await findMnist();
/** Without MNIST made-up digits do: both backends answer to them, too. */
const { test } = mnist ?? madeUpDigits({ seed: 1, train: 1, test: 2_000 });
const recordOf = (id: string, backend: string) =>
  readRecords(RUNS_FOLDER, id, backend).find(({ seed }) => seed === FIRST_SEED)!;

/** Needs TensorFlow as the current backend. */
export function describeRecords(): void {
  describe(`tfjs-node on ${mnist ? 'the test images' : 'made-up digits'}`, () => {
    it.each(iterations)('answers as WASM does with the recorded weights of $id', async ({ id }) => {
      const record = recordOf(id, 'wasm');
      const found = logitsOfRecord(record, RUNS_FOLDER, test);
      await selectBackend({ force: 'wasm' });
      const expected = logitsOfRecord(record, RUNS_FOLDER, test);
      await tf.setBackend('tensorflow');
      expect(furthest(found, expected)).toBeLessThan(LOGIT_TOLERANCE);
      const recorded = mnist ? record.epochs.at(-1)!.testCorrect : countCorrect(expected, test);
      expect(Math.abs(countCorrect(found, test) - recorded)).toBeLessThanOrEqual(IMAGES_TOLERATED);
    });
  });
}
