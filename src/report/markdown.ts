import { valueOr } from '../fact.ts';
import { isRed } from '../gates/exit-code.ts';
import { formatTable } from '../gates/receptive-field-table.ts';
import { formatValue } from '../gates/verdict.ts';
import { describeFact, describeField } from '../record.ts';
import { isMeasured } from './summary.ts';
import type { IterationSummary, MeasuredIteration, Summary } from './summary.ts';
import { BASE_HEADING, cellsOf, HEADINGS, sortedRows } from './table.ts';
import { markdownTable, markdownText } from './text.ts';
import { WHY_HEADINGS, whyRows } from './why.ts';

/** The summary as Markdown: verdict, results, targets of each iteration (red ones first), what to do. Pure. */
export function toMarkdown(summary: Summary): string {
  const { verdict, backend, iterations, notices } = summary;
  return [
    `# ${verdict.status === 'pass' ? '✅' : '❌'} ${markdownText(verdict.title)}`,
    `Exit code ${verdict.exitCode}. Backend ${markdownText(backend.name)}: ${markdownText(backend.reason)}.`,
    ...notices.map((notice) => `> ${markdownText(notice)}`),
    findingLines(summary).join('\n'),
    resultsTable(iterations.filter(isMeasured)),
    ...iterations.map(iterationSection),
    changesSection(summary),
    comparisonsSection(summary),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n');
}

/** What the judge found beside the rows, as a list. */
export function findingLines({ findings }: Summary): string[] {
  return findings.map(({ iteration, cause }) => {
    const whose = iteration === undefined ? '' : `${markdownText(iteration)}: `;
    return `- ❌ ${whose}${markdownText(cause, 1000)}`;
  });
}

/** One line an iteration: size, field, accuracies of the first run. */
export function resultsTable(iterations: readonly MeasuredIteration[]): string {
  if (iterations.length === 0) return '';
  const headings = [
    'iteration',
    'parameters',
    'receptive field',
    'train %',
    'test %',
    'consistent from',
    'provenance',
  ];
  return markdownTable(
    headings,
    iterations.map((iteration) => [
      `${iteration.id} (${iteration.name}), seed ${iteration.seed}`,
      describeFact(iteration.parameters),
      describeField(iteration.receptiveField),
      (iteration.trainAccuracy.at(-1) ?? 0).toFixed(2),
      (iteration.testAccuracy.at(-1) ?? 0).toFixed(2),
      iteration.consistentFrom === null
        ? `not at ${iteration.consistentAt} %`
        : `${iteration.consistentAt} % from epoch ${iteration.consistentFrom}`,
      iteration.provenance === 'recorded' ? 'recorded, not re-measured' : iteration.provenance,
    ]),
  );
}

function iterationSection(iteration: IterationSummary): string {
  const withBase = iteration.targets.some((row) => row.base !== undefined);
  const headings = withBase ? [...HEADINGS, BASE_HEADING] : HEADINGS;
  const rows = sortedRows(iteration.targets);
  const red = rows.filter((row) => isRed(row) || row.status === 'warn');
  const remedies = red.map(
    (row) =>
      `- **${row.status}** ${markdownText(row.title)}${where(row.location)}: ${markdownText(row.remedy, 1000)}`,
  );
  return [
    `## ${markdownText(iteration.id)}: ${markdownText(iteration.name)}`,
    isMeasured(iteration) ? markdownText(iteration.note) : 'Not measured.',
    rows.length === 0
      ? 'No targets.'
      : markdownTable(
          headings,
          rows.map((row) => cellsOf(row, withBase)),
        ),
    remedies.join('\n'),
    isMeasured(iteration) ? folded('Receptive field', fieldTable(iteration)) : '',
    isMeasured(iteration) ? folded('Layers, largest first', layerTable(iteration)) : '',
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function fieldTable({ receptiveFieldTable }: MeasuredIteration): string {
  if (!receptiveFieldTable.known) return markdownText(describeFact(receptiveFieldTable));
  return formatTable(
    receptiveFieldTable.value.map((row) => ({ ...row, operation: markdownText(row.operation) })),
  );
}

function layerTable({ layers, receptiveFieldTable }: MeasuredIteration): string {
  return markdownTable([...WHY_HEADINGS], whyRows(layers, valueOr(receptiveFieldTable, [])));
}

function where(location: { readonly file: string; readonly line: number } | undefined): string {
  return location ? ` (${markdownText(location.file)} line ${location.line})` : '';
}

function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

function changesSection({ targetChanges }: Summary): string {
  if (targetChanges.length === 0) return '';
  const rows = targetChanges.map(({ kind, target, from, to, reason }) => [
    kind,
    target,
    from,
    to,
    reason ?? '',
  ]);
  return `## Targets against the base\n\n${markdownTable(['change', 'target', 'from', 'to', 'acknowledged because'], rows)}`;
}

function comparisonsSection({ comparisons }: Summary): string {
  if (comparisons.length === 0) return '';
  const rows = comparisons.map(({ status, iteration, metric, unit, base, head, gain, reason }) => [
    status,
    iteration,
    metric,
    formatValue(base, ''),
    formatValue(head, ''),
    gain === null ? (reason ?? '') : formatValue(gain, unit),
  ]);
  return `## Results against the base\n\n${markdownTable(['status', 'iteration', 'metric', 'base', 'head', 'gain'], rows)}`;
}
