import { describe, expect, test } from 'vitest';
import { judgeFinalTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import type { Verdict } from '../../../src/gates/verdict.ts';
import { compareReport } from '../../../src/judge/compare-report.ts';
import type { Evidence } from '../../../src/record.ts';
import { summarize } from '../../../src/report/summary.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { evidence } from '../../support/records.ts';

const ID = '5-lr-scheduler';
const summary = (of: Evidence = evidence(), rows: readonly Verdict[] = rowsOf(of)): Summary =>
  // Through JSON, as both come out of files.
  JSON.parse(
    JSON.stringify(summarize({ rows, promised: PROMISED, evidences: [of], notices: [], failedTests: 0 })),
  ) as Summary;
const rowsOf = (of: Evidence) => [judgeParameters(of, '<', 8_000), judgeFinalTestAccuracy(of, '>=', 99.4)];
const PROMISED = rowsOf(evidence());
const judged = summary();
const causes = (reported: Summary) => compareReport(reported, judged).map(({ cause }) => cause);

describe('a report of the test run', () => {
  test('that says what the judge found is no finding, whoever measured it on what', () => {
    const [iteration] = judged.iterations as [Summary['iterations'][number] & object];
    const elsewhere = {
      ...iteration,
      provenance: 'trained',
      note: 'trained just now',
      backend: { name: 'tensorflow', reason: 'it loads' },
      baseTestAccuracy: [98, 99],
    } as typeof iteration;
    expect(causes({ ...judged, iterations: [elsewhere] })).toEqual([]);
  });

  test('with a better figure is red, and both are named', () => {
    const forged = summary(evidence({ parameters: 10 }));
    expect(causes(forged)[0]).toBe(
      'the test run reported of 5-lr-scheduler / parameters <: actual says 10, and is 7826; values[0] says 10, and is 7826',
    );
  });

  test('with a flipped status is red', () => {
    const bad = summary(evidence(), [judgeParameters(evidence(), '<', 100), rowsOf(evidence())[1]!]);
    const flipped = JSON.parse(JSON.stringify(bad).replaceAll('"fail"', '"pass"')) as Summary;
    expect(compareReport(flipped, bad).map(({ cause }) => cause)).toEqual([
      'the test run reported of 5-lr-scheduler / parameters <: status says "pass", and is "fail"',
    ]);
  });

  test('that lacks a row, has one twice or one too many is red', () => {
    const [first, second] = rowsOf(evidence());
    expect(causes(summary(evidence(), [first!]))).toEqual([
      'the test run did not report 5-lr-scheduler / final test accuracy >=',
    ]);
    expect(causes(summary(evidence(), [first!, second!, second!]))).toEqual([
      'the test run reported 5-lr-scheduler / final test accuracy >= 2 times',
    ]);
    const more = judgeParameters(evidence(), '==', 7_826);
    expect(causes(summary(evidence(), [first!, second!, more]))).toEqual([
      'the test run reported 5-lr-scheduler / parameters ==, which the lock does not promise',
    ]);
  });

  test('with other curves or runs is red', () => {
    const [row, other] = rowsOf(evidence());
    const forged = summary(evidence({ test: [99, 99.2, 99.5] }), [row!, other!]);
    expect(causes(forged)).toEqual([
      'the test run reported other figures: testAccuracy[0] says 99, and is 98',
      'the test run reported other figures: testAccuracy[1] says 99.2, and is 99',
      expect.stringContaining('gap says'),
      'the test run reported other figures: runs[0].testAccuracy[0] says 99, and is 98',
      'the test run reported other figures: runs[0].testAccuracy[1] says 99.2, and is 99',
      'the test run reported 1 more figures that differ',
    ]);
  });

  test('of an iteration more or less is red', () => {
    expect(causes({ ...judged, iterations: [] })).toEqual(['the test run did not report it']);
    const more = summary(evidence({ id: '9-mine' })).iterations;
    expect(causes({ ...judged, iterations: [...judged.iterations, ...more] })).toEqual([
      'the test run reported it, and the lock promises nothing of it',
    ]);
  });

  test('that was red for a reason of its own stays red', () => {
    const verdict = { status: 'fail', exitCode: 1, title: '1 other test failed' } as const;
    expect(compareReport({ ...judged, verdict }, judged)).toEqual([
      { cause: 'the test run was red: "1 other test failed" (exit code 1)', exitCode: 1 },
    ]);
  });

  test('says whose figures differ', () => {
    expect(compareReport(summary(evidence({ parameters: 10 })), judged)[0]).toMatchObject({
      iteration: ID,
      exitCode: 3,
    });
  });
});
