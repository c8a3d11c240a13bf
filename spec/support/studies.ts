import type { Study, StudyRun } from '../../src/study/schema.ts';
import { sealStudy } from '../../src/study/store.ts';
import { TEST_IMAGES, TRAIN_IMAGES } from './records.ts';

/** Hand-made studies: no data, no training. */

/** `test`: images right after each epoch, of 10,000; the rest of the last epoch's are sixes read as zeros. */
export function studyRun(seed: number, test: readonly number[] = [9_800, 9_900, 9_950]): StudyRun {
  const wrong = TEST_IMAGES - test.at(-1)!;
  return {
    seed,
    trainCorrect: test.map((_, i) => 58_000 + seed + i),
    trainLoss: test.map((_, i) => 1 / (i + seed)),
    testCorrect: [...test],
    testLoss: test.map((_, i) => 1 / (i + 2 * seed)),
    seconds: test.map(() => 1.5),
    weights: test.map((_, i) => (seed * 100 + i).toString(16).padStart(64, '0')),
    mistakes: Array.from({ length: wrong }, (_, i): [number, number, number] => [i * 7, 6, 0]),
    dead: [],
  };
}

export const FINGERPRINT = 'f'.repeat(64);

export function study(runs: readonly StudyRun[], more: Partial<Study> = {}): Study {
  return sealStudy({
    schema: 1,
    id: '5-lr-scheduler',
    name: 'LR scheduler',
    fingerprint: FINGERPRINT,
    engine: { name: 'wasm', version: '1' },
    backend: { name: 'wasm', version: '4.22.0' },
    data: {
      name: 'made up',
      sha256: 'd'.repeat(64),
      train: TRAIN_IMAGES,
      test: TEST_IMAGES,
      classes: 10,
    },
    ...more,
    runs: [...runs],
  });
}
