import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { judgeFinalTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import { causesOf } from '../../../src/report/causes.ts';
import { sparkline, tableLines, wrapped } from '../../../src/report/layout.ts';
import { summarize } from '../../../src/report/summary.ts';
import { toTerminal } from '../../../src/report/terminal.ts';
import { evidence } from '../../support/records.ts';
import { hostileSummary } from '../github/hostile.ts';

const green = evidence({ id: '1-green', test: [98, 99.2, 99.5] });
const red = evidence({ id: '2-red', test: [98, 99, 99.3] });

function summaryOf(
  rows = [
    judgeParameters(green, '<', 8_000),
    judgeParameters(red, '<', 8_000),
    judgeFinalTestAccuracy(red, '>=', 99.4),
  ],
) {
  return summarize({ rows, evidences: [green, red], notices: [], failedTests: 0 });
}

const shown = (width: number, verbose = false) =>
  toTerminal(summaryOf(), { color: false, width, verbose, page: 'reports/index.html' });

describe('the terminal', () => {
  test.each([40, 60, 80, 100, 160])('is at most %i columns wide', (width) => {
    for (const text of [
      shown(width),
      shown(width, true),
      toTerminal(hostileSummary(50), { color: false, width }),
    ]) {
      for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  test('gives a green iteration one line, a red one its rows', () => {
    const lines = shown(80).split('\n');
    expect(lines.filter((line) => line.includes('parameters <'))).toHaveLength(1);
    expect(lines.find((line) => line.includes('1-green'))).toMatch(
      /✓ 1-green +1 met .*99\.50.*99\.4 % from 3 +▁/,
    );
    expect(
      shown(80, true)
        .split('\n')
        .filter((line) => line.includes('parameters <')),
    ).toHaveLength(2);
  });

  test('ends with what failed, by how much, what to do, the verdict and the page', () => {
    expect(shown(160).trimEnd()).toMatch(
      / ✗ 2-red: final test accuracy ≥ 99.4 %: 99.3 %, -10 of 10,000 images\n   → Look at the last epochs: [^]+\n\n ✗ 1 fail of 3 targets \(exit code 1\)\n   Report: reports\/index\.html \(npm run report opens it\)$/,
    );
  });

  test('says a cause once that breaks many rows', () => {
    const gone = {
      status: 'missing' as const,
      actual: null,
      values: [] as null[],
      detail: 'the spec is gone',
      remedy: 'Bring it back.',
    };
    const rows = [judgeParameters(green, '<', 8_000), judgeFinalTestAccuracy(green, '>=', 99.4)].map(
      (row) => ({ ...row, ...gone }),
    );
    const text = toTerminal(summaryOf(rows), { color: false, width: 80 });
    expect(text.match(/the spec is gone$/gm)).toHaveLength(1);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Breaks 2 targets: 1-green: parameters < 8,000; 1-green: final test accuracy ≥ 99.4 %',
    );
    expect(text.match(/Bring it back/g)).toHaveLength(1);
  });

  test('writes no colours where none are wanted', () => {
    expect(shown(80)).not.toContain('\u001B');
    expect(toTerminal(summaryOf(), { color: true, width: 80 })).toContain('\u001B[');
  });
});

describe('causes', () => {
  test('are one a row where each was measured and not met', () => {
    const rows = [judgeParameters(green, '<', 1), judgeParameters(red, '<', 1)];
    expect(causesOf(rows).map(({ rows: broken }) => broken.length)).toEqual([1, 1]);
  });

  test('leave green rows out, and say only what all remedies say', () => {
    const broken = judgeFinalTestAccuracy(red, '>=', 99.4);
    const missing = { ...broken, status: 'missing', actual: null, detail: 'the spec threw' } as const;
    const [cause, ...others] = causesOf([
      judgeParameters(green, '<', 8_000),
      { ...missing, remedy: 'Mend the spec first. Then look at A.' },
      { ...missing, remedy: 'Mend the spec first. Then look at B.' },
    ]);
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ detail: 'the spec threw', remedy: 'Mend the spec first.' });
    expect(cause!.rows).toHaveLength(2);
  });
});

describe('the layout', () => {
  const column = (heading: string, cells: string[], rank: number) => ({ heading, cells, rank });

  test('leaves out the columns of the highest rank until a table fits', () => {
    const columns = [
      column('a', ['1234567890'], 0),
      column('b', ['1234567890'], 2),
      column('c', ['1234567890'], 1),
    ];
    expect(tableLines(columns, 80)[0]).toMatch(/^a +b +c$/);
    expect(tableLines(columns, 25)[0]).toMatch(/^a +c$/);
  });

  test('cuts the longest column where nothing else helps', () => {
    expect(tableLines([column('a', ['x'.repeat(50)], 0)], 20)[1]).toBe(`${'x'.repeat(19)}…`);
  });

  test('aligns wide characters by their columns', () => {
    const [, first, second] = tableLines([column('a', ['漢字', 'abcd'], 0), column('b', ['1', '2'], 0)], 80);
    expect(stringWidth(first!)).toBe(stringWidth(second!));
  });

  test('wraps words and indents what follows', () => {
    expect(wrapped('one two three', 10, '  ')).toBe('one two\n  three');
  });

  test('draws a curve from the lowest bar to the highest', () => {
    expect(sparkline([98, 99, 100], [98, 100])).toBe('▁▅█');
    expect(sparkline([0, Number.NaN], [98, 100])).toBe('▁▁');
  });
});
