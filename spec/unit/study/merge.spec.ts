import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../../src/errors.ts';
import { mergeStudies } from '../../../src/study/merge.ts';
import { study, studyRun } from '../../support/studies.ts';

describe('slices of a study', () => {
  test('become the study that one machine would have made', () => {
    const slices = [study([studyRun(3), studyRun(4)]), study([studyRun(1), studyRun(2)])];
    expect(mergeStudies(slices)).toEqual(study([1, 2, 3, 4].map((seed) => studyRun(seed))));
  });

  test('may share a run that came out the same on two machines', () => {
    const slower = { ...studyRun(2), seconds: [9, 9, 9] };
    const merged = mergeStudies([study([studyRun(1), studyRun(2)]), study([slower])]);
    expect(merged.runs).toEqual([studyRun(1), studyRun(2)]);
  });

  test('are refused where two machines have another result for one seed', () => {
    const other = studyRun(2, [9_800, 9_901, 9_950]);
    const message = expect.stringContaining('seed 2') as string;
    expect(() => mergeStudies([study([studyRun(2)]), study([other])])).toThrow(
      expect.objectContaining({ exitCode: ExitCode.missing, message }) as Error,
    );
  });

  test.each([
    { id: '6-receptive-field' },
    { fingerprint: 'e'.repeat(64) },
    { backend: { name: 'cpu', version: '4.22.0' } },
  ])('are refused where they differ in %j', (more) => {
    expect(() => mergeStudies([study([studyRun(1)]), study([studyRun(2)], more)])).toThrow('cannot be one');
  });

  test('are at least one', () => {
    expect(() => mergeStudies([])).toThrow('no studies');
  });
});
