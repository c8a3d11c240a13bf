import pc from 'picocolors';
import { zoomOf } from '../drawing/zoom.ts';
import { isRed } from '../gates/exit-code.ts';
import { unacknowledged } from '../gates/loosening.ts';
import { formatValue } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';
import { describeFact } from '../record.ts';
import { signed } from './analysis.ts';
import { type Cause, causesOf } from './causes.ts';
import { type Column, sparkline, tableLines, wrapped } from './layout.ts';
import { promiseOf } from './promise.ts';
import { isMeasured } from './summary.ts';
import type { IterationSummary, Summary } from './summary.ts';
import { intervalOf, marginOf, provenanceOf, resultOf, sortedRows, statusOf } from './table.ts';
import { oneLine } from './text.ts';
import { commandLine } from '../command-line.ts';

type Colors = ReturnType<typeof pc.createColors>;

export interface TerminalOptions {
  readonly color?: boolean;
  /** Columns of the terminal. Default: the process's, or 100 where the output is no terminal. */
  readonly width?: number;
  /** Rows of green iterations, too. */
  readonly verbose?: boolean;
  /** Where the page is, for the last line. */
  readonly page?: string;
  /** What to do now, for the last line. */
  readonly next?: string;
  /** Name the exit code of a red verdict. Default: true. */
  readonly exitCode?: boolean;
}

const WIDTH = 100;
const NOTICES_SHOWN = 3;
const ROWS_SHOWN = 6;
const CAUSES_SHOWN = 10;
const REMEDY = 1_000;
const ID_MOST = 28;
const INDENT = '   ';

/**
 * The summary for a terminal: a line an iteration, the rows of what is red, then what failed and what to do, and the verdict
 * last, where the eye is. Fits the width. Pure but for the defaults.
 */
export function toTerminal(summary: Summary, options: TerminalOptions = {}): string {
  const { color = pc.isColorSupported, width = process.stdout.columns ?? WIDTH, verbose = false } = options;
  const c = pc.createColors(color);
  return [
    '',
    ...iterationLines(summary, { c, width, verbose }),
    ...noticeLines(summary, c, width),
    ...failureLines(summary, c, width),
    ...verdictLines(summary, c, width, options),
    '',
  ].join('\n');
}

interface Look {
  readonly c: Colors;
  readonly width: number;
  readonly verbose: boolean;
}

function iterationLines(summary: Summary, { c, width, verbose }: Look): string[] {
  const { iterations } = summary;
  if (iterations.length === 0) return [];
  const [heading, ...lines] = tableLines(overviewColumns(summary), width - 3);
  return [
    c.dim(`   ${heading}`),
    ...iterations.flatMap((iteration, i) => {
      const red = iteration.targets.some(isRed);
      const mark = red ? c.red('✗') : c.green('✓');
      const line = ` ${mark} ${red ? c.red(lines[i]!) : lines[i]!}`;
      return red || verbose ? [line, ...rowLines(iteration, { c, width, verbose })] : [line];
    }),
    '',
  ];
}

function overviewColumns({ iterations, comparisons }: Summary): Column[] {
  const of = (cell: (iteration: IterationSummary) => string) =>
    iterations.map((iteration) => oneLine(cell(iteration)));
  return [
    { heading: 'iteration', cells: of(({ id }) => id), rank: 0, most: ID_MOST },
    { heading: 'targets', cells: of(({ targets }) => countOf(targets)), rank: 0 },
    {
      heading: 'parameters',
      cells: of((iteration) => (isMeasured(iteration) ? describeFact(iteration.parameters) : 'not measured')),
      align: 'right',
      rank: 4,
      most: 12,
    },
    {
      heading: 'train %',
      cells: of((iteration) => (isMeasured(iteration) ? lastOf(iteration.trainAccuracy) : '')),
      align: 'right',
      rank: 5,
    },
    {
      heading: 'test %',
      cells: of((iteration) => (isMeasured(iteration) ? lastOf(iteration.testAccuracy) : '')),
      align: 'right',
      rank: 1,
    },
    { heading: 'base', cells: of(({ id }) => baseOf(comparisons, id)), align: 'right', rank: 3 },
    {
      heading: 'holds its line',
      cells: of((iteration) =>
        isMeasured(iteration) && iteration.consistentFrom !== null
          ? `${iteration.consistentAt} % from ${iteration.consistentFrom}`
          : isMeasured(iteration)
            ? 'no'
            : '',
      ),
      rank: 2,
    },
    {
      heading: 'epochs',
      cells: of((iteration) =>
        isMeasured(iteration)
          ? sparkline(iteration.testAccuracy, zoomOf([iteration.testAccuracy], iteration.consistentAt))
          : '',
      ),
      rank: 2,
      most: 15,
    },
  ];
}

function countOf(targets: readonly Verdict[]): string {
  const red = targets.filter(isRed).length;
  return red > 0 ? `${red} of ${targets.length} not met` : `${targets.length} met`;
}

/** The difference of the final test accuracy to the base's, points. */
function baseOf(comparisons: Summary['comparisons'], id: string): string {
  const found = comparisons.find(
    ({ iteration, metric }) => iteration === id && metric === 'final test accuracy',
  );
  return found?.gain === undefined || found.gain === null ? '' : signed(found.gain);
}

/** The rows of one iteration, red ones first; at 80 columns without interval and provenance. */
function rowLines(iteration: IterationSummary, { c, width }: Look): string[] {
  const rows = sortedRows(iteration.targets);
  const of = (cell: (row: Verdict) => string) => rows.map((row) => oneLine(cell(row)));
  const columns: Column[] = [
    { heading: 'target', cells: of((row) => promiseOf(row, rows)), rank: 0, most: 80 },
    {
      heading: 'result',
      cells: of((row) => (row.status === 'pass' ? resultOf(row) : `${resultOf(row)} (${statusOf(row)})`)),
      rank: 0,
      most: 48,
    },
    { heading: 'margin', cells: of(marginOf), align: 'right', rank: 1 },
    { heading: '95 % interval', cells: of(intervalOf), align: 'right', rank: 2 },
    { heading: 'provenance', cells: of(provenanceOf), rank: 3 },
  ];
  const [heading, ...lines] = tableLines(columns, width - 7);
  return [c.dim(`       ${heading}`), ...lines.map((line, i) => `     ${marked(rows[i]!, c, line)}`)];
}

function marked(row: Verdict, c: Colors, line: string): string {
  if (isRed(row)) return c.red(`✗ ${line}`);
  return row.status === 'pass' ? `${c.green('✓')} ${line}` : c.yellow(`! ${line}`);
}

function noticeLines({ notices, backend }: Summary, c: Colors, width: number): string[] {
  const more = notices.length - NOTICES_SHOWN;
  return [
    ...notices
      .slice(0, NOTICES_SHOWN)
      .map((notice) => c.yellow(wrapped(` Note: ${oneLine(notice)}`, width, INDENT))),
    ...(more > 0 ? [c.yellow(` ${more} more notes: see the report.`)] : []),
    c.dim(wrapped(` Backend ${oneLine(backend.name)}: ${oneLine(backend.reason)}`, width, INDENT)),
  ];
}

function failureLines(summary: Summary, c: Colors, width: number): string[] {
  const causes = causesOf(summary.iterations.flatMap(({ targets }) => targets));
  const changes = [
    ...summary.findings.map(({ iteration, cause }) =>
      iteration === undefined ? cause : `${iteration}: ${cause}`,
    ),
    ...unacknowledged(summary.targetChanges).map(
      ({ kind, target, from, to }) => `${kind}: ${target}: from "${from}" to "${to}"`,
    ),
    ...summary.comparisons
      .filter(({ status }) => status === 'regression' || status === 'warn')
      .map(
        ({ status, iteration, metric, base, head, unit }) =>
          `${status}: ${iteration}: ${metric} ${formatValue(base, '')} at the base, ${formatValue(head, unit)} now`,
      ),
  ];
  if (causes.length + changes.length === 0) return [''];
  const more = causes.length - CAUSES_SHOWN;
  return [
    '',
    ...causes.slice(0, CAUSES_SHOWN).flatMap((cause) => causeLines(cause, summary, c, width)),
    ...(more > 0 ? [c.red(` ${more} more causes: see the report.`)] : []),
    ...changes.map((line) => c.red(wrapped(` ✗ ${oneLine(line, REMEDY)}`, width, INDENT))),
    '',
  ];
}

/** What broke, what it breaks, and what to do: said once, however many rows it is. */
function causeLines(
  { detail, remedy, rows, status }: Cause,
  { iterations }: Summary,
  c: Colors,
  width: number,
): string[] {
  const [first] = rows as [Verdict, ...Verdict[]];
  const peers = iterations.find(({ id }) => id === first.iteration)?.targets ?? [];
  const place = first.location ? ` (${oneLine(first.location.file)} line ${first.location.line})` : '';
  const head =
    detail === undefined
      ? `${oneLine(first.iteration)}: ${oneLine(promiseOf(first, peers))}: ${oneLine(found(first))}${place}`
      : `${status}: ${oneLine(detail)}${place}`;
  return [
    c.red(wrapped(` ✗ ${head}`, width, INDENT)),
    ...(detail === undefined ? [] : [wrapped(`${INDENT}Breaks ${brokenBy(rows)}`, width, INDENT)]),
    c.dim(wrapped(`${INDENT}→ ${oneLine(remedy, REMEDY)}`, width, `${INDENT}  `)),
  ];
}

function found(row: Verdict): string {
  const margin = marginOf(row);
  return `${resultOf(row)}${margin === '' ? '' : `, ${margin}`}`;
}

function brokenBy(rows: readonly Verdict[]): string {
  const promises = rows
    .slice(0, ROWS_SHOWN)
    .map((row) => `${oneLine(row.iteration, 60)}: ${oneLine(promiseOf(row, rows), 120)}`);
  const more = rows.length - ROWS_SHOWN;
  return `${rows.length} ${rows.length === 1 ? 'target' : 'targets'}: ${promises.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function verdictLines(
  { verdict }: Summary,
  c: Colors,
  width: number,
  { page, next, exitCode = true }: TerminalOptions,
): string[] {
  const paint = verdict.status === 'pass' ? c.green : c.red;
  const code = verdict.exitCode === 0 || !exitCode ? '' : ` (exit code ${verdict.exitCode})`;
  return [
    paint(
      c.bold(
        wrapped(` ${verdict.status === 'pass' ? '✓' : '✗'} ${oneLine(verdict.title)}${code}`, width, INDENT),
      ),
    ),
    ...(page === undefined
      ? []
      : [
          c.dim(
            wrapped(`${INDENT}Report: ${oneLine(page)} (${commandLine('report')} opens it)`, width, INDENT),
          ),
        ]),
    ...(next === undefined ? [] : [c.dim(wrapped(`${INDENT}${oneLine(next)}`, width, INDENT))]),
  ];
}

function lastOf(accuracy: readonly number[]): string {
  return (accuracy.at(-1) ?? 0).toFixed(2);
}
