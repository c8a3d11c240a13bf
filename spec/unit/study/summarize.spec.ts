import { describe, expect, test } from 'vitest';
import { compareStudies, describeComparison } from '../../../src/study/against.ts';
import { describeSummary, summarizeStudy } from '../../../src/study/summarize.ts';
import { study, studyRun } from '../../support/studies.ts';

const ends = (...finals: readonly number[]) =>
  study(finals.map((final, i) => studyRun(i + 1, [9_800, 9_941, final])));

describe('the summary of a study', () => {
  test('has mean, spread, interval and first epochs held, worked out by hand', () => {
    // The gap: 58,002 and 58,003 of 60,000 in the mean, 98.00, 99.41 and 99.40 or 99.60 % of the test images.
    // 99.4 and 99.6: SD 0.1 x sqrt 2; t(0.975, 1) = 12.706; half a width of 1.271.
    expect(describeSummary(summarizeStudy(ends(9_940, 9_960), 99.4), 99.4)).toBe(
      '2 runs, mean 99.500 % (95 % interval 98.229 to 100.771), SD 0.141, lowest 99.40, highest 99.60; 99.4 % from epoch 2: 2; ' +
        'train minus test -2.299 points (SD 0.046, -2.332 to -2.267)',
    );
  });

  test('counts runs by the first epoch from which they hold, and those that never do', () => {
    const whole = study([
      studyRun(1, [9_940, 9_940, 9_940]),
      studyRun(2, [9_950, 9_939, 9_940]),
      studyRun(3, [9_950, 9_950, 9_939]),
      studyRun(4, [9_940, 9_950, 9_960]),
    ]);
    const summary = summarizeStudy(whole, 99.4);
    expect(summary.firstHeld).toEqual([
      [1, 2],
      [3, 1],
    ]);
    expect(summary.neverHeld).toBe(1);
    expect(describeSummary(summary, 99.4)).toContain('99.4 % from epoch 1: 2, 3: 1, never: 1');
  });

  test('of one run has no spread', () => {
    expect(describeSummary(summarizeStudy(ends(9_930), 99.4), 99.4)).toBe(
      '1 run, mean 99.300 %, lowest 99.30, highest 99.30; 99.4 % never: 1; train minus test -2.233 points',
    );
  });
});

describe('a study beside an earlier one', () => {
  test('is compared seed by seed, and image by image for the first', () => {
    // 10 images fewer are wrong on either seed; of seed 1 all ten are the base's alone: p = 2 / 2^10.
    expect(describeComparison(compareStudies(ends(9_940, 9_950), ends(9_950, 9_960))!)).toBe(
      '+0.100 points over 2 seeds (95 % interval +0.100 to +0.100); seed 1: 10 images won, 0 lost (McNemar p 0.002)',
    );
  });

  test('is not compared without a seed of both, nor on other images', () => {
    expect(compareStudies(study([studyRun(1)]), study([studyRun(2)]))).toBeUndefined();
    const other = study([studyRun(1)], { data: { ...study([studyRun(1)]).data, sha256: 'e'.repeat(64) } });
    expect(compareStudies(other, study([studyRun(1)]))).toBeUndefined();
  });
});
