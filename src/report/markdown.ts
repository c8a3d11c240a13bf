import { valueOr } from '../fact.ts';
import { isRed } from '../gates/exit-code.ts';
import { unacknowledged } from '../gates/loosening.ts';
import { formatTable } from '../gates/receptive-field-table.ts';
import { formatValue } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';
import { describeFact, describeField } from '../record.ts';
import { signed } from './analysis.ts';
import { type Cause, causesOf } from './causes.ts';
import { CURVES_MOST, curvesChart, signOf } from './chart.ts';
import { worstConfusions } from './confusions.ts';
import { fit, type Section } from './fit.ts';
import { promiseOf } from './promise.ts';
import { lineOf } from './described.ts';
import { isMeasured } from './summary.ts';
import type { IterationSummary, MeasuredIteration, Summary } from './summary.ts';
import { BASE_HEADING, cellsOf, HEADINGS, marginOf, resultOf, sortedRows } from './table.ts';
import { markdownRow, markdownTable, markdownText } from './text.ts';
import { WHY_HEADINGS, whyRows } from './why.ts';

const CONFUSIONS = 10;
/** Iterations with layers and mistakes; a page with more of them is slow to open. */
const ITERATIONS_IN_DETAIL = 30;
const REMEDY_CHARACTERS = 1_000;
const ROWS_OF_A_CAUSE = 6;

/** The summary as Markdown, as long as it is. Pure. */
export function toMarkdown(summary: Summary): string {
  return fit(sectionsOf(summary), { size: Infinity, sizeOf: (text) => text.length });
}

/**
 * The summary as sections, the most important first: verdict, what failed and what to do, a line an iteration, curves, then the
 * rows of each iteration (green ones folded). Every text of a model, spec or file is escaped. `details`: curves, layers and
 * mistakes, too. Pure.
 */
export function sectionsOf(summary: Summary, details = true): Section[] {
  const measured = summary.iterations.filter(isMeasured);
  const sections = [
    verdictSection(summary),
    failuresSection(summary),
    measured.length > 0 ? resultsSection(measured, summary) : undefined,
    details ? curvesSection(measured) : undefined,
    ...summary.iterations.map((iteration, i) =>
      iterationSection(iteration, details && i < ITERATIONS_IN_DETAIL),
    ),
    changesSection(summary),
    comparisonsSection(summary),
  ];
  return sections.filter((section) => section !== undefined);
}

function verdictSection({ verdict, backend, notices }: Summary): Section {
  return {
    head: [
      `## ${verdict.status === 'pass' ? '✅' : '❌'} ${markdownText(verdict.title)}`,
      `Exit code ${verdict.exitCode}. Backend ${markdownText(backend.name)}: ${markdownText(backend.reason)}.`,
      '',
    ].join('\n\n'),
    rows: notices.map((notice) => () => `- ${markdownText(notice)}`),
    what: 'notes',
    share: 0.1,
  };
}

function failuresSection(summary: Summary): Section | undefined {
  const { iterations, targetChanges, comparisons, findings } = summary;
  const peers = new Map(iterations.map(({ id, targets }) => [id, targets]));
  const rows = [
    ...findings.map(({ iteration, cause }) => () => {
      const whose = iteration === undefined ? '' : `${markdownText(iteration)}: `;
      return `- **found by the judge** ${whose}${markdownText(cause, REMEDY_CHARACTERS)}`;
    }),
    ...causesOf(iterations.flatMap(({ targets }) => targets)).map((cause) => () => causeItem(cause, peers)),
    ...unacknowledged(targetChanges).map(
      ({ kind, target, from, to }) =>
        () =>
          `- **${kind}** ${markdownText(target)}: from ${markdownText(from)} to ${markdownText(to)}. → Bring it back, or acknowledge it in \`spec/loosened.json\`.`,
    ),
    ...comparisons
      .filter(({ status }) => status === 'regression')
      .map(
        ({ iteration, metric, base, head, unit }) =>
          () =>
            `- **regression** ${markdownText(iteration)}: ${markdownText(metric)} ${formatValue(base, '')} at the base, ${markdownText(formatValue(head, unit))} now. → Compare network, recipe and data with the base's.`,
      ),
  ];
  if (rows.length === 0) return undefined;
  return { head: '### What failed, and what to do\n', rows, what: 'causes', share: 0.25 };
}

/** What broke and what to do, said once for all rows that it breaks. */
function causeItem(
  { detail, remedy, rows, status }: Cause,
  peers: ReadonlyMap<string, readonly Verdict[]>,
): string {
  const [first] = rows as [Verdict, ...Verdict[]];
  const named = (row: Verdict) => `${row.iteration}: ${promiseOf(row, peers.get(row.iteration))}`;
  const todo = `→ ${markdownText(remedy, REMEDY_CHARACTERS)}`;
  if (detail === undefined) {
    const margin = marginOf(first);
    const found = `${resultOf(first)}${margin === '' ? '' : ` (${margin})`}`;
    return `- **${status}** ${markdownText(named(first))}: ${markdownText(found)}${placeOf(first)}. ${todo}`;
  }
  const shown = rows.slice(0, ROWS_OF_A_CAUSE).map((row) => markdownText(named(row)));
  const more = rows.length - ROWS_OF_A_CAUSE;
  const broken = `${rows.length} ${rows.length === 1 ? 'target' : 'targets'}: ${shown.join('; ')}${more > 0 ? `; ${more} more` : ''}`;
  return `- **${status}** ${markdownText(detail)}${placeOf(first)}; it breaks ${broken}. ${todo}`;
}

function placeOf({ location }: Verdict): string {
  return location ? ` (${markdownText(location.file)}, line ${location.line})` : '';
}

/** One line an iteration: targets, size, field, accuracies of the first run, and the difference to the base. */
function resultsSection(iterations: readonly MeasuredIteration[], { comparisons }: Summary): Section {
  const withBase = comparisons.length > 0;
  const headings = [
    'iteration',
    'targets',
    'parameters',
    'field',
    'train %',
    'test %',
    ...(withBase ? ['against the base'] : []),
    'holds its line',
  ];
  const cells = iterations.map((iteration, i) => () => [
    `${iterations.length <= CURVES_MOST ? `${signOf(i)} ` : ''}${iteration.id}: ${iteration.name}`,
    targetsCell(iteration),
    describeFact(iteration.parameters),
    describeField(iteration.receptiveField),
    (iteration.trainAccuracy.at(-1) ?? 0).toFixed(2),
    (iteration.testAccuracy.at(-1) ?? 0).toFixed(2),
    ...(withBase ? [differenceOf(iteration, comparisons)] : []),
    iteration.consistentFrom === null
      ? `not at ${iteration.consistentAt} %`
      : `${iteration.consistentAt} % from epoch ${iteration.consistentFrom}`,
  ]);
  return tableSection({ title: '### Results', headings, cells, what: 'iterations', share: 0.2 });
}

function targetsCell({ targets }: IterationSummary): string {
  const red = targets.filter(isRed).length;
  return red > 0 ? `❌ ${red} of ${targets.length} not met` : `✅ ${targets.length} met`;
}

/** Points of the final test accuracy. */
function differenceOf({ id }: IterationSummary, comparisons: Summary['comparisons']): string {
  const found = comparisons.find(
    ({ iteration, metric }) => iteration === id && metric === 'final test accuracy',
  );
  if (found === undefined) return '';
  return found.gain === null ? (found.reason ?? 'not comparable') : `${signed(found.gain)} points`;
}

function curvesSection(measured: readonly MeasuredIteration[]): Section | undefined {
  const at = lineOf(measured);
  const chart = curvesChart(measured, at);
  if (chart === '') return undefined;
  const which =
    measured.length > CURVES_MOST ? `the first ${CURVES_MOST} of the iterations` : 'the iterations above';
  return { head: `Test accuracy of ${which} over the epochs; grey: ${at} %.\n\n${chart}` };
}

/** Rows of an iteration: open where something is red, else folded to a line. */
function iterationSection(iteration: IterationSummary, details: boolean): Section {
  const { id, name, targets } = iteration;
  const withBase = targets.some((row) => row.base !== undefined);
  const headings = withBase ? [...HEADINGS, BASE_HEADING] : HEADINGS;
  const cells = sortedRows(targets).map((row) => () => cellsOf(row, { peers: targets, withBase }));
  const more = details && isMeasured(iteration) ? detailBlocks(iteration) : [];
  const named = markdownText(`${id}: ${name}`);
  if (targets.some(isRed)) {
    const section =
      targets.length === 0
        ? { head: `### ❌ ${named}` }
        : tableSection({ title: `### ❌ ${named}`, headings, cells, what: 'targets', share: 0.3 });
    return more.length === 0
      ? section
      : { ...section, tail: folded('Layers and mistakes', more.join('\n\n')) };
  }
  const about = targets.length === 0 ? 'no targets' : `${targets.length} met`;
  const notes = targets
    .filter(({ status }) => status === 'warn')
    .map((row) => `- **warn** ${markdownText(row.title)}: ${markdownText(row.remedy, REMEDY_CHARACTERS)}`);
  const blocks = [
    ...(targets.length === 0
      ? []
      : [
          markdownTable(
            headings,
            cells.map((of) => of()),
          ),
        ]),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
    ...more,
  ];
  return { head: folded(`✅ ${named}: ${about}`, blocks.join('\n\n')), share: 0.2 };
}

/** What was measured, layers, field and mistakes of one iteration. */
function detailBlocks(iteration: MeasuredIteration): string[] {
  const { layers, receptiveFieldTable: table, confusion, note } = iteration;
  const pairs = worstConfusions(confusion, CONFUSIONS).map(({ truth, answer, count, share }) => [
    `${truth} read as ${answer}`,
    String(count),
    `${share.toFixed(1)} %`,
  ]);
  return [
    markdownText(note),
    table.known
      ? formatTable(table.value.map((row) => ({ ...row, operation: markdownText(row.operation) })))
      : markdownText(`receptive field ${describeFact(table)}`),
    markdownTable([...WHY_HEADINGS], whyRows(layers, valueOr(table, []))),
    pairs.length > 0
      ? markdownTable(['mistake', 'images', 'of the class'], pairs)
      : 'No mistake on the test images.',
  ].filter((block) => block !== '');
}

function changesSection({ targetChanges }: Summary): Section | undefined {
  if (targetChanges.length === 0) return undefined;
  const headings = ['change', 'target', 'from', 'to', 'acknowledged because'];
  const cells = targetChanges.map(({ kind, target, from, to, reason }) => () => [
    kind,
    target,
    from,
    to,
    reason ?? '',
  ]);
  return tableSection({
    title: '### Targets against the base',
    headings,
    cells,
    what: 'changes',
    share: 0.1,
  });
}

function comparisonsSection({ comparisons }: Summary): Section | undefined {
  if (comparisons.length === 0) return undefined;
  const headings = ['status', 'iteration', 'metric', 'base', 'head', 'gain'];
  const worstFirst = comparisons.toSorted((a, b) => rank(b.status) - rank(a.status));
  const cells = worstFirst.map(({ status, iteration, metric, unit, base, head, gain, reason }) => () => [
    status,
    iteration,
    metric,
    formatValue(base, ''),
    formatValue(head, ''),
    gain === null ? (reason ?? '') : formatValue(gain, unit),
  ]);
  const red = comparisons.filter(({ status }) => status === 'regression').length;
  const title = `Results against the base: ${red === 0 ? 'no regression' : `${red} regressed`}`;
  const section = tableSection({ title: '', headings, cells, what: 'comparisons', share: 0.1 });
  return {
    ...section,
    head: `<details><summary>${title}</summary>\n\n${section.head.trimStart()}`,
    tail: '</details>',
  };
}

function rank(status: Summary['comparisons'][number]['status']): number {
  return ['same', 'reported', 'not comparable', 'better', 'worse', 'warn', 'regression'].indexOf(status);
}

/** `title` is Markdown already. */
function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

interface Table {
  readonly title: string;
  readonly headings: readonly string[];
  readonly cells: readonly (() => readonly string[])[];
  readonly what: string;
  readonly share: number;
}

/** A table whose rows may be left out from the end. */
function tableSection({ title, headings, cells, what, share }: Table): Section {
  const head = [title, '', markdownTable(headings, [])].join('\n');
  return { head, rows: cells.map((of) => () => markdownRow(of())), what, share };
}
