import { describe, expect, test } from 'vitest';
import {
  judgeDeadChannels,
  judgeFinalTestAccuracy,
  judgeGap,
  judgeLearning,
  judgeParameters,
} from '../../../src/gates/stock-targets.ts';
import { tightenings } from '../../../src/gates/tighten.ts';
import { evidence } from '../../support/records.ts';

const seeds = (...final: number[]) => evidence(final.map((accuracy) => ({ test: [accuracy] })));

describe('a target that can be tightened', () => {
  test('is an accuracy that is beaten beyond the sampling error, and says which promise would hold', () => {
    // Wilson 95 % of 9,960 of 10,000: 99.456 to 99.706 %.
    const row = judgeFinalTestAccuracy(seeds(99.6), '>=', 99.4);
    expect(tightenings([row])).toEqual([
      'You can tighten this: 5-lr-scheduler, final test accuracy >= 99.4 %: its only run has 99.6 %; >= 99.45 % would hold beyond sampling error.',
    ]);
    expect(judgeFinalTestAccuracy(seeds(99.6), '>=', 99.45, { confidence: true }).status).toBe('pass');
  });

  test('is none where the interval reaches the target', () => {
    expect(tightenings([judgeFinalTestAccuracy(seeds(99.5), '>=', 99.4)])).toEqual([]);
  });

  test('is none where one seed of several does not beat it by a margin, however it is aggregated', () => {
    expect(tightenings([judgeFinalTestAccuracy(seeds(99.7, 99.6), '>=', 99.4)])).toHaveLength(1);
    expect(tightenings([judgeFinalTestAccuracy(seeds(99.7, 99.45), '>=', 99.4)])).toEqual([]);
    expect(tightenings([judgeFinalTestAccuracy(seeds(99.7, 99.45), '>=', 99.4, { over: 'max' })])).toEqual(
      [],
    );
  });

  test('is a count of which at least a twentieth is not needed', () => {
    const small = evidence({ parameters: 7_600 });
    expect(tightenings([judgeParameters(small, '<', 8_000)])).toEqual([
      'You can tighten this: 5-lr-scheduler, parameters < 8,000: its only run has 7,600; < 7,601 would hold.',
    ]);
    expect(tightenings([judgeParameters(evidence({ parameters: 7_601 }), '<', 8_000)])).toEqual([]);
  });

  test('is neither exact, nor failed, nor measured in something without a known margin', () => {
    const made = evidence({ parameters: 7_600 });
    const rows = [
      judgeParameters(made, '==', 7_600),
      judgeParameters(made, '<', 5_000),
      judgeGap(made, '<=', 50),
      judgeDeadChannels(made, '<=', 10),
      ...judgeLearning(made, { margin: 1, lossRatio: 0.9 }),
    ];
    expect(tightenings(rows)).toEqual([]);
  });
});
