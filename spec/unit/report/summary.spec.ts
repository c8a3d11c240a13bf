import { describe, expect, test } from 'vitest';
import { withBase } from '../../../src/gates/against-base.ts';
import {
  judgeFinalTestAccuracy,
  judgeHeldTestAccuracy,
  judgeParameters,
} from '../../../src/gates/stock-targets.ts';
import { known } from '../../../src/fact.ts';
import type { RunRecord } from '../../../src/record.ts';
import { toMarkdown } from '../../../src/report/markdown.ts';
import { summarize, summarySchema } from '../../../src/report/summary.ts';
import type { SummaryInput } from '../../../src/report/summary.ts';
import { toTerminal } from '../../../src/report/terminal.ts';
import { markdownText } from '../../../src/report/text.ts';
import { evidence, record } from '../../support/records.ts';

const measured = evidence({ id: '10-last', name: 'Last', test: [99, 99.4, 99.5] });
const other = evidence({ id: '9-first', name: 'First', test: [99, 99.1, 99.2] });

function summaryOf(input: Partial<SummaryInput> = {}) {
  return summarize({
    rows: [judgeParameters(measured, '<', 8_000), judgeFinalTestAccuracy(other, '>=', 99.4)],
    evidences: [measured, other],
    notices: [],
    failedTests: 0,
    ...input,
  });
}

describe('the summary', () => {
  test('fits its schema and survives JSON', () => {
    expect(summarySchema.parse(JSON.parse(JSON.stringify(summaryOf())))).toEqual(summaryOf());
  });

  test('lists the iterations by number with their figures in per cent', () => {
    const [first, last] = summaryOf().iterations;
    expect(first).toMatchObject({ id: '9-first', testAccuracy: [99, 99.1, 99.2], consistentFrom: null });
    expect(last).toMatchObject({
      id: '10-last',
      parameters: known(7_826),
      consistentFrom: 2,
      provenance: 're-evaluated',
      seed: 1,
    });
  });

  test('has the curve of the same run at the base, where the base has that run', () => {
    const figures = { id: '10-last', name: 'Last', test: [98, 98.5, 99.1] };
    const baseOf = (base: RunRecord) => summaryOf({ baseRecords: [base] }).iterations;
    expect(baseOf(record(figures))[1]).toMatchObject({ baseTestAccuracy: [98, 98.5, 99.1] });
    expect(baseOf(record(figures))[0]).not.toHaveProperty('baseTestAccuracy');
    expect(baseOf(record({ ...figures, seed: 2 }))[1]).not.toHaveProperty('baseTestAccuracy');
    expect(baseOf(record({ ...figures, backend: 'tensorflow' }))[1]).not.toHaveProperty('baseTestAccuracy');
  });

  test('is consistent at the iteration’s own target where it has one', () => {
    const rows = [judgeHeldTestAccuracy(other, 99.1, { from: 2, within: 3 })];
    expect(summaryOf({ rows }).iterations[0]).toMatchObject({ consistentAt: 99.1, consistentFrom: 2 });
  });

  test('gives the verdict with the highest exit code', () => {
    expect(summaryOf().verdict).toEqual({ status: 'fail', exitCode: 1, title: '1 fail of 2 targets' });
    const loosened = { target: 'a', kind: 'loosened', from: 'b', to: 'c' } as const;
    expect(summaryOf({ targetChanges: [loosened] }).verdict.exitCode).toBe(3);
    expect(summaryOf({ targetChanges: [{ ...loosened, reason: 'it is meant' }] }).verdict.exitCode).toBe(1);
    expect(summaryOf({ rows: [], failedTests: 2 }).verdict).toMatchObject({
      exitCode: 1,
      title: '2 other tests failed of 0 targets',
    });
    expect(summaryOf({ rows: [] }).verdict).toMatchObject({ status: 'pass', exitCode: 0 });
  });

  test('is red with exit code 2 on a regression', () => {
    const comparison = {
      iteration: 'x',
      metric: 'parameters',
      unit: '',
      base: 1,
      head: 2,
      gain: -1,
      status: 'regression',
    } as const;
    expect(summaryOf({ rows: [], comparisons: [comparison] }).verdict).toMatchObject({ exitCode: 2 });
  });

  test('says which backend measured, and why that one', () => {
    expect(summaryOf().backend).toEqual({ name: 'wasm', reason: 'tfjs-node is not installed' });
    expect(summaryOf({ evidences: [] }).backend.name).toBe('none');
    const now = { name: 'tensorflow', reason: 'tfjs-node is installed and loads' };
    expect(summaryOf({ evidences: [{ ...evidence(), backend: now }] }).backend).toEqual(now);
  });

  test('says what was recorded and not re-measured', () => {
    const recorded = evidence({ test: [99.5] }, 'recorded');
    const summary = summarize({
      rows: [judgeFinalTestAccuracy(recorded, '>=', 99.4)],
      evidences: [recorded],
      notices: [],
      failedTests: 0,
    });
    expect(summary.verdict.title).toBe('1 target met, 1 of them recorded, not re-measured');
    expect(toTerminal(summary, { color: false, verbose: true, width: 160 })).toContain(
      'recorded, not re-measured',
    );
  });
});

describe('the value at the base', () => {
  test('stands beside the measured one', () => {
    const rows = [
      judgeHeldTestAccuracy(measured, 99.4, { from: 2, within: 3 }),
      judgeParameters(measured, '<', 8_000),
    ];
    const base = record({ id: '10-last', test: [99, 99.3, 99.6], parameters: 7_900 });
    expect(withBase(rows, [base]).map((row) => row.base)).toEqual([99.3, 7_900]);
    expect(withBase(rows, [record({ id: 'another' })]).map((row) => row.base)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('the Markdown', () => {
  test('puts the verdict first, red rows before green ones, and says what to do', () => {
    const rows = [judgeParameters(other, '<', 8_000), judgeFinalTestAccuracy(other, '>=', 99.4)];
    const text = toMarkdown(summaryOf({ rows }));
    expect(text.startsWith('## ❌ 1 fail of 2 targets')).toBe(true);
    expect(text.indexOf('| ❌ fail |')).toBeLessThan(text.indexOf('| ✅ pass |'));
    expect(text).toContain('-20 of 10,000 images');
    expect(text).toContain('Look at the last epochs');
  });

  test('shows hostile names as text', () => {
    const hostile = evidence({ id: '1-a', name: '<script>|`x`\n::error::oh [a](b) \u001B[31m@all' });
    const text = toMarkdown(summaryOf({ rows: [judgeParameters(hostile, '<', 1)], evidences: [hostile] }));
    expect(text).not.toMatch(/<script>|::error::|\[a\]\(|@all/);
    expect(text).not.toContain('\u001B');
    expect(text.split('\n').every((line) => !line.trim().startsWith('::'))).toBe(true);
  });

  test('makes entities of what Markdown would read, where it stands', () => {
    expect(markdownText('a|b<c>')).toBe('a&#124;b&#60;c>');
    expect(markdownText('# one *two* _three_ #4 @five')).toBe(
      '&#35; one &#42;two&#42; &#95;three&#95; &#35;4 &#64;five',
    );
  });

  test('leaves alone what Markdown reads as text', () => {
    for (const text of [
      'test accuracy >= 99.4 %',
      'a < 3 & b > 4',
      '1-a: A',
      'snake_case 5 * 3',
      'relu3[4]',
      '`npm run why`',
    ]) {
      expect(markdownText(text)).toBe(text);
    }
  });
});
