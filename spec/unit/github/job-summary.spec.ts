import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { withBase } from '../../../src/gates/against-base.ts';
import { judgeHeldTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import { toJobSummary } from '../../../src/github/job-summary.ts';
import { bytesOf, STEP_SUMMARY_BYTES } from '../../../src/github/limits.ts';
import { toMarkdown } from '../../../src/report/markdown.ts';
import { summarize } from '../../../src/report/summary.ts';
import { toTerminal } from '../../../src/report/terminal.ts';
import { inertLines } from '../../../src/report/text.ts';
import { evidence, record } from '../../support/records.ts';
import { HOSTILE, hostileSummary } from './hostile.ts';

/** Elements that the page is made of; any other would come from a name. */
const OWN_ELEMENTS = [
  'h1 h2 h3 p ul li strong blockquote'.split(' '),
  'table thead tbody tr th td'.split(' '),
  'details summary pre code'.split(' '),
].flat();

const small = evidence({ id: '1-small', name: 'Small', test: [99, 99.41, 99.5], train: [98, 99, 99.2] });
const rows = [
  judgeParameters(small, '<', 8_000),
  judgeHeldTestAccuracy(small, 99.45, { from: 2, within: 3 }),
];
const plain = () => summarize({ rows, evidences: [small], notices: ['a note'], failedTests: 0 });

// A thousand targets take a second or two on a busy machine.
describe('the page of a job', { timeout: 60_000 }, () => {
  test('begins with the verdict and lists red targets first', () => {
    const page = toJobSummary(plain());
    expect(page).toMatch(/^## ❌ 1 fail of 2 targets\n/);
    expect(page).toMatch(
      /### What failed, and what to do\n\n- \*\*fail\*\* 1-small: held test accuracy ≥ 99.45 %, epochs 2 to 3: 99.41 %, worst epoch: 2 \(-4 of 10,000 images\)\. → Look at the epoch/,
    );
    expect(page.indexOf('What failed')).toBeLessThan(page.indexOf('### Results'));
    expect(page.lastIndexOf('held test accuracy')).toBeLessThan(page.indexOf('parameters < 8,000'));
    expect(page).toContain('- a note');
  });

  test('shows target, result and base in one row', () => {
    const base = record({ id: '1-small', parameters: 7_900 });
    const page = toJobSummary({
      ...plain(),
      iterations: summarize({ rows: withBase(rows, [base]), evidences: [small], notices: [], failedTests: 0 })
        .iterations,
    });
    expect(page).toContain('| status | target | result | margin | 95 % interval | provenance | base |');
    expect(page).toContain('| ✅ pass | parameters < 8,000 | 7,826 |  |  | built | 7,900 |');
  });

  test('draws the curves high up, zoomed to the line, and folds layers and mistakes', () => {
    const page = toJobSummary(plain());
    expect(page).toContain('  x-axis "epoch" [1, 2, 3]\n  y-axis "test accuracy, per cent" 99.2 --> 100');
    // The first epoch lies under the part that is shown.
    expect(page).toContain('line [99.20, 99.41, 99.50]\n  line [99.45, 99.45, 99.45]\n');
    expect(page.indexOf('```mermaid')).toBeLessThan(page.indexOf('| status |'));
    const folded = page.slice(page.indexOf('<details>'));
    expect(folded).toContain('| convolution | 26 x 26 x 4 | 36 |');
    expect(folded).toContain('| 6 read as 0 | 50 | 5.0 % |');
    expect(folded.trimEnd()).toMatch(/<\/details>$/);
  });

  test('holds nothing but text of hostile names, whatever renders it', () => {
    const page = toJobSummary(hostileSummary(HOSTILE.length * 2));
    expectText(page);
    for (const name of [
      'a|b|c',
      '<script>alert(1)</script>',
      '::error::injected',
      '[link](javascript:alert(1))',
    ]) {
      expect(textOf(page)).toContain(name);
    }
  });

  test('stays within a mebibyte with 1,000 hostile targets', () => {
    const page = toJobSummary(hostileSummary(1_000));
    expect(bytesOf(page)).toBeLessThanOrEqual(STEP_SUMMARY_BYTES);
    expectText(page);
  });

  test('counts what it leaves out of 1,000 targets when every name is a page of bars', () => {
    const page = toJobSummary(hostileSummary(1_000, ['|'.repeat(4_000)]));
    expect(bytesOf(page)).toBeLessThanOrEqual(STEP_SUMMARY_BYTES);
    const shown = page.match(/^- \*\*fail\*\* (?:&#124;)+/gm)!.length;
    expect(page).toContain(`\n\n${1_002 - shown} more causes: see the artifacts.\n`);
    expectText(page);
  });

  test('fits however little room is left', () => {
    for (const size of [0, 300, 5_000, 50_000]) {
      const page = toJobSummary(hostileSummary(100), { limit: { size, sizeOf: bytesOf } });
      expect(bytesOf(page)).toBeLessThanOrEqual(size);
      expectText(page);
    }
  });
});

test('folds green iterations to a line, with their rows within', () => {
  const green = summarize({
    rows: [judgeParameters(small, '<', 8_000)],
    evidences: [small],
    notices: [],
    failedTests: 0,
  });
  const page = toJobSummary(green);
  expect(page).toContain('<details><summary>✅ 1-small: Small: 1 met</summary>\n\n| status |');
  expect(page).not.toContain('&#');
});

test('the summary file holds nothing but text of hostile names either', () => {
  expectText(toMarkdown(hostileSummary(HOSTILE.length * 2)));
});

test('nothing that the gate prints is a command to GitHub’s runner', () => {
  const lines = inertLines(toTerminal(hostileSummary(HOSTILE.length * 2), { color: false })).split('\n');
  expect(lines.filter((line) => line.trimStart().startsWith('::') || line.includes('##['))).toEqual([]);
});

function expectText(markdown: string): void {
  const html = render(markdown);
  const elements = [...html.matchAll(/<([a-z][\w-]*)/gi)].map(([, name]) => name!.toLowerCase());
  expect([...new Set(elements)].filter((name) => !OWN_ELEMENTS.includes(name))).toEqual([]);
  // Folds and fences are the page's own: as many as it wrote, each closed.
  expect(html.match(/<details>/g)?.length).toBe(html.match(/<\/details>/g)?.length);
  expect(html).not.toMatch(/<[^>]+(?:href|src|on\w+)=/i);
}

function render(markdown: string): string {
  return marked.parse(markdown, { async: false, gfm: true });
}

/** What a reader sees. */
function textOf(markdown: string): string {
  return render(markdown)
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
