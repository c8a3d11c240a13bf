import { describe, expect, test } from 'vitest';
import { begin, describeProgress, epochDone, runDone, runFailed } from '../../../src/study/progress.ts';
import type { StudyProgress } from '../../../src/study/progress.ts';

function epochs(count: number, from: StudyProgress): StudyProgress {
  return count === 0 ? from : epochs(count - 1, epochDone(from));
}

describe('the progress of a study', () => {
  test('begins with what is done already', () => {
    expect(describeProgress(begin(3, 15, []), 0)).toBe('0 of 3 runs');
    expect(describeProgress(begin(3, 15, [99.4, 99.6]), 0)).toBe('2 of 5 runs, worst 99.40 %, mean 99.50 %');
  });

  test('tells rate, time left, worst and mean', () => {
    const half = runDone(epochs(15, begin(2, 15, [])), 9_943, 10_000);
    // 15 epochs in 90 s; the other 15 take as long.
    expect(describeProgress(half, 90)).toBe(
      '1 of 2 runs, 10.0 epochs a minute, 2 min left, worst 99.43 %, mean 99.43 %',
    );
    const all = runDone(epochs(15, half), 9_953, 10_000);
    expect(describeProgress(all, 180)).toBe('2 of 2 runs, worst 99.43 %, mean 99.48 %');
  });

  test('takes a failed run out of what is left', () => {
    const failed = runFailed(epochs(3, begin(2, 15, [])), 3);
    expect(describeProgress(failed, 10)).toBe('0 of 2 runs, 1 failed');
    // 1 of the other run's 15 epochs in 10 s: 14 more take 140 s.
    expect(describeProgress(epochDone(failed), 10)).toBe(
      '0 of 2 runs, 1 failed, 6.0 epochs a minute, 3 min left',
    );
  });
});
