import { describe, expect, test } from 'vitest';
import { partingOf } from '../../../src/study/compare.ts';
import { describeReplay, replayOf } from '../../../src/study/replay.ts';
import type { StudyRun } from '../../../src/study/schema.ts';
import { FINGERPRINT, study, studyRun } from '../../support/studies.ts';

const run = studyRun(13);

describe('where two runs of a seed part', () => {
  test('is nowhere when only the clock differs', () => {
    expect(partingOf(run, { ...run, seconds: [9, 9, 9] })).toBeUndefined();
  });

  test('is nowhere for losses that are both NaN', () => {
    const diverged = { ...run, trainLoss: [NaN, NaN, NaN] };
    expect(partingOf(diverged, { ...diverged })).toBeUndefined();
    expect(partingOf(diverged, run)).toMatchObject({ epoch: 1, recorded: 'NaN' });
  });

  const changes: readonly [string, number, Partial<StudyRun>][] = [
    ['training images right', 2, { trainCorrect: run.trainCorrect.with(1, 1) }],
    ['train loss', 1, { trainLoss: run.trainLoss.with(0, run.trainLoss[0]! + Number.EPSILON) }],
    ["the weights' SHA-256", 3, { weights: run.weights.with(2, 'a'.repeat(64)) }],
    ['test images right', 2, { testCorrect: run.testCorrect.with(1, 9_899) }],
    ['test loss', 3, { testLoss: run.testLoss.with(2, 0) }],
    ['test images right', 3, { testCorrect: run.testCorrect.slice(0, 2) }],
    ['images read wrong', 3, { mistakes: run.mistakes.with(0, [0, 6, 1]) }],
    ['dead channels', 3, { dead: ['relu1[0]'] }],
  ];
  test.each(changes)('is found in %s at epoch %i', (figure, epoch, change) => {
    expect(partingOf(run, { ...run, ...change })).toMatchObject({ epoch, figure });
    expect(partingOf({ ...run, ...change }, run)).toMatchObject({ epoch, figure });
  });

  test('is the first of several', () => {
    const now = { ...run, testLoss: [0, 0, 0], trainLoss: run.trainLoss.with(2, 0) };
    expect(partingOf(run, now)).toMatchObject({ epoch: 1, figure: 'test loss' });
  });
});

describe('a run that was trained again', () => {
  const whole = study([run]);

  test('is described as equal, or by the epoch and the figure that differ', () => {
    expect(describeReplay(replayOf(whole, FINGERPRINT, run))).toBe(
      '5-lr-scheduler, seed 13: equal to the bit in all 3 epochs',
    );
    const now = { ...run, testCorrect: run.testCorrect.with(1, 9_899) };
    expect(describeReplay(replayOf(whole, FINGERPRINT, now))).toBe(
      '5-lr-scheduler, seed 13: parts from its record at epoch 2: test images right, recorded 9900, trained again 9899',
    );
  });

  test('is not held against a study of another seed or of another recipe', () => {
    expect(() => replayOf(whole, FINGERPRINT, studyRun(14))).toThrow('no run of seed 14');
    expect(() => replayOf(whole, 'e'.repeat(64), run)).toThrow('it is stale');
  });
});
