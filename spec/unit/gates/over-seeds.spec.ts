import { describe, expect, test } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { compareTargets } from '../../../src/gates/loosening.ts';
import { judgeFinalTestAccuracy, judgeGap, judgeHeldTestAccuracy } from '../../../src/gates/stock-targets.ts';
import { describeTarget, targetOf, verdictSchema } from '../../../src/gates/verdict.ts';
import { evidence } from '../../support/records.ts';

/** `held` runs that stay at 99.5 %, and others that end at 99.3 %. */
const runs = (held: number, others: number) =>
  evidence(Array.from({ length: held + others }, (_, i) => ({ test: [98, i < held ? 99.5 : 99.3, 99.45] })));
const WINDOW = { from: 2, within: 3 };

describe('a promise on every run', () => {
  test('is broken by one of twenty, the worst', () => {
    expect(judgeHeldTestAccuracy(runs(20, 0), 99.4, WINDOW)).toMatchObject({ status: 'pass', actual: 99.45 });
    expect(judgeHeldTestAccuracy(runs(19, 1), 99.4, WINDOW)).toMatchObject({ status: 'fail', actual: 99.3 });
  });
});

describe('a promise on a share of all seeds', () => {
  const judged = (held: number, others: number, onShare: number) =>
    judgeHeldTestAccuracy(runs(held, others), 99.4, { ...WINDOW, onShare });

  test('of three quarters is kept by 19 of 20 runs and not by 18', () => {
    // Clopper-Pearson, one-sided 95 %: 0.7839 and 0.7174.
    expect(judged(19, 1, 0.75)).toMatchObject({
      status: 'pass',
      detail: 'kept by 19 of 20 runs, hence by at least 78.4 % of all seeds (95 % bound), promised: 75.0 %',
    });
    expect(judged(18, 2, 0.75)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('18 of 20 runs, hence by at least 71.7 %') as string,
    });
  });

  test('of 95 % cannot be shown by 20 runs, and the row says how many it takes', () => {
    expect(judged(20, 0, 0.95)).toMatchObject({
      status: 'inconclusive',
      detail: expect.stringContaining(
        '86.1 % of all seeds (95 % bound), promised: 95.0 %; that takes 59 runs',
      ) as string,
    });
    expect(judged(59, 0, 0.95).status).toBe('pass');
    expect(judged(58, 1, 0.95).status).toBe('fail');
  });

  test('may be of figures that are no images', () => {
    const gaps = evidence([0.1, 0.1, 0.1, 0.5].map((gap) => ({ test: [99], train: [99 + gap] })));
    expect(judgeGap(gaps, '<=', 0.2, { onShare: 0.2 }).status).toBe('pass');
    expect(judgeGap(gaps, '<=', 0.2, { onShare: 0.5 }).status).toBe('fail');
  });

  test('is a promise that survives the lock', () => {
    const target = targetOf(verdictSchema.parse(JSON.parse(JSON.stringify(judged(19, 1, 0.75)))));
    expect(target).toMatchObject({ onShare: 0.75 });
    expect(describeTarget(target)).toBe('held test accuracy >= 99.4 %, epochs 2 to 3, on 75 % of all seeds');
  });

  test.each([0, 1, -0.5, 95, NaN])('is refused for a share of %d', (onShare) => {
    expect(() => judged(20, 0, onShare)).toThrow(GateError);
  });

  test('is refused beside an aggregation', () => {
    expect(() =>
      judgeHeldTestAccuracy(runs(20, 0), 99.4, { ...WINDOW, onShare: 0.75, over: 'median' }),
    ).toThrow('give one');
  });

  test('is looser than one on every run, and looser the smaller the share', () => {
    const target = (onShare?: number) =>
      targetOf(judgeHeldTestAccuracy(runs(20, 0), 99.4, { ...WINDOW, ...(onShare ? { onShare } : {}) }));
    const kind = (from: number | undefined, to: number | undefined) =>
      compareTargets([target(from)], [target(to)])[0]?.kind;
    expect(kind(undefined, 0.95)).toBe('loosened');
    expect(kind(0.95, 0.75)).toBe('loosened');
    expect(kind(0.75, 0.95)).toBe('tightened');
    expect(kind(0.75, undefined)).toBe('tightened');
    expect(kind(0.75, 0.75)).toBeUndefined();
  });
});

describe('a promise on the mean over seeds', () => {
  test('shows the interval of the mean', () => {
    // 99.4 and 99.6: SD 0.1 x sqrt 2, t(0.975, 1) = 12.706, half a width of 1.2706.
    const two = evidence([{ test: [99.4] }, { test: [99.6] }]);
    expect(judgeFinalTestAccuracy(two, '>=', 99.5, { over: 'mean' })).toMatchObject({
      status: 'pass',
      actual: 99.5,
      detail: 'mean over 2 seeds, 95 % interval 98.229 to 100.771 %',
    });
  });

  test('of a single run has none', () => {
    expect(
      judgeFinalTestAccuracy(evidence({ test: [99.5] }), '>=', 99.5, { over: 'mean' }).detail,
    ).toBeUndefined();
  });
});
