import { isRed } from '../gates/exit-code.ts';
import { formatTable } from '../gates/receptive-field-table.ts';
import { formatValue } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';
import { describeFact } from '../record.ts';
import { findingLines, resultsTable } from '../report/markdown.ts';
import { isMeasured } from '../report/summary.ts';
import type { MeasuredIteration, Summary } from '../report/summary.ts';
import { BASE_HEADING, cellsOf, HEADINGS, sortedRows } from '../report/table.ts';
import { markdownTable, markdownText } from '../report/text.ts';
import { epochChart } from './chart.ts';
import { worstConfusions } from './confusions.ts';
import { bytesOf, fit, STEP_SUMMARY_BYTES } from './limits.ts';
import type { Limit, Section } from './limits.ts';

const CONFUSIONS = 10;
/** A page with more charts than that is slow to open. */
const ITERATIONS_IN_DETAIL = 30;
const REMEDY_CHARACTERS = 1_000;

export interface JobSummaryOptions {
  readonly limit?: Limit;
  /** Curves, layers and confusions of each iteration, folded. Default: true. */
  readonly details?: boolean;
}

/**
 * The summary as a page of GitHub: the verdict, one table of targets, results and base (red rows first), what to do, then
 * the details of each iteration, folded. Every text of a model, spec or file is escaped; what does not fit is counted. Pure.
 */
export function toJobSummary(summary: Summary, options: JobSummaryOptions = {}): string {
  const { limit = { size: STEP_SUMMARY_BYTES, sizeOf: bytesOf }, details = true } = options;
  const measured = summary.iterations.filter(isMeasured);
  const sections = [
    verdictSection(summary),
    findingsSection(summary),
    targetsSection(summary),
    remediesSection(summary),
    changesSection(summary),
    comparisonsSection(summary),
    ...(measured.length > 0 ? [tableSection('### Results', resultsTable(measured), 'iterations', 0.2)] : []),
    ...(details ? measured.slice(0, ITERATIONS_IN_DETAIL).map(detailsSection) : []),
  ];
  return fit(
    sections.filter((section) => section !== undefined),
    limit,
  );
}

function verdictSection({ verdict, backend, notices }: Summary): Section {
  return {
    head: [
      `## ${verdict.status === 'pass' ? '✅' : '❌'} ${markdownText(verdict.title)}`,
      `Exit code ${verdict.exitCode}. Backend ${markdownText(backend.name)}: ${markdownText(backend.reason)}.`,
      '',
    ].join('\n\n'),
    rows: notices.map((notice) => `- ${markdownText(notice)}`),
    what: 'notes',
    share: 0.1,
  };
}

function findingsSection(summary: Summary): Section | undefined {
  if (summary.findings.length === 0) return undefined;
  return { head: '### What the judge found\n', rows: findingLines(summary), what: 'findings', share: 0.2 };
}

function targetsSection({ iterations }: Summary): Section | undefined {
  const rows = sortedRows(iterations.flatMap(({ targets }) => targets));
  if (rows.length === 0) return undefined;
  const withBase = rows.some(({ base }) => base !== undefined);
  const headings = ['iteration', ...HEADINGS, ...(withBase ? [BASE_HEADING] : [])];
  const cells = rows.map((row) => [row.iteration, ...cellsOf(row, withBase)]);
  return tableSection('### Targets and results', markdownTable(headings, cells), 'targets', 0.5);
}

function remediesSection({ iterations }: Summary): Section | undefined {
  const red = iterations
    .flatMap(({ targets }) => targets)
    .filter((row) => isRed(row) || row.status === 'warn');
  if (red.length === 0) return undefined;
  return {
    head: '### What to do\n',
    rows: sortedRows(red).map(
      (row) =>
        `- **${row.status}** ${markdownText(row.title)}${placeOf(row)}: ${markdownText(row.remedy, REMEDY_CHARACTERS)}`,
    ),
    what: 'remedies',
    share: 0.15,
  };
}

function placeOf({ location }: Verdict): string {
  return location ? ` (${markdownText(location.file)}, line ${location.line})` : '';
}

function changesSection({ targetChanges }: Summary): Section | undefined {
  if (targetChanges.length === 0) return undefined;
  const headings = ['change', 'target', 'from', 'to', 'acknowledged because'];
  const cells = targetChanges.map(({ kind, target, from, to, reason }) => [
    kind,
    target,
    from,
    to,
    reason ?? '',
  ]);
  return tableSection('### Targets against the base', markdownTable(headings, cells), 'changes', 0.1);
}

function comparisonsSection({ comparisons }: Summary): Section | undefined {
  if (comparisons.length === 0) return undefined;
  const headings = ['status', 'iteration', 'metric', 'base', 'head', 'gain'];
  const worstFirst = comparisons.toSorted((a, b) => rank(b.status) - rank(a.status));
  const cells = worstFirst.map(({ status, iteration, metric, unit, base, head, gain, reason }) => [
    status,
    iteration,
    metric,
    formatValue(base, ''),
    formatValue(head, ''),
    gain === null ? (reason ?? '') : formatValue(gain, unit),
  ]);
  const red = comparisons.filter(({ status }) => status === 'regression').length;
  const title = `Results against the base: ${red === 0 ? 'no regression' : `${red} regressed`}`;
  return folded(title, tableSection('', markdownTable(headings, cells), 'comparisons', 0.1));
}

function rank(status: Summary['comparisons'][number]['status']): number {
  return ['same', 'reported', 'not comparable', 'better', 'worse', 'warn', 'regression'].indexOf(status);
}

function detailsSection(iteration: MeasuredIteration): Section {
  const { id, name, layers, receptiveFieldTable, confusion } = iteration;
  const costs = layers.map(({ layer, output, parameters, multiplyAdds }) => [
    layer,
    output.map((size) => size ?? 'any').join(' × '),
    formatValue(parameters, ''),
    describeFact(multiplyAdds),
  ]);
  const pairs = worstConfusions(confusion, CONFUSIONS).map(({ truth, answer, count, share }) => [
    `${truth} read as ${answer}`,
    String(count),
    `${share.toFixed(1)} %`,
  ]);
  const blocks = [
    markdownText(iteration.note),
    epochChart(iteration),
    markdownTable(['layer', 'output', 'parameters', 'multiply-adds'], costs),
    fieldTable(receptiveFieldTable),
    pairs.length > 0
      ? markdownTable(['mistake', 'images', 'of the class'], pairs)
      : 'No mistake on the test images.',
  ];
  const title = `${markdownText(id)}: ${markdownText(name)}: curves, layers, mistakes`;
  return folded(title, { head: blocks.filter((block) => block !== '').join('\n\n') });
}

function fieldTable(table: MeasuredIteration['receptiveFieldTable']): string {
  if (!table.known) return markdownText(`receptive field ${describeFact(table)}`);
  return formatTable(table.value.map((row) => ({ ...row, operation: markdownText(row.operation) })));
}

/** `title` is Markdown already. */
function folded(title: string, section: Section): Section {
  return {
    ...section,
    head: `<details><summary>${title}</summary>\n\n${section.head.trimStart()}`,
    tail: '</details>',
  };
}

/** A table whose rows may be left out from the end. */
function tableSection(title: string, table: string, what: string, share: number): Section {
  const [headings, rule, ...rows] = table.split('\n');
  return { head: [title, '', headings, rule].join('\n'), rows, what, share };
}
