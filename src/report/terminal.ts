import pc from 'picocolors';
import { isRed } from '../gates/exit-code.ts';
import type { Verdict } from '../gates/verdict.ts';
import { isMeasured } from './summary.ts';
import type { IterationSummary, Summary } from './summary.ts';
import { cellsOf, HEADINGS, sortedRows } from './table.ts';
import { oneLine } from './text.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** The summary for a terminal: a table an iteration, remedies of what is red, the verdict last. Pure. */
export function toTerminal(summary: Summary, color = pc.isColorSupported): string {
  const c = pc.createColors(color);
  const { verdict, backend, notices, iterations } = summary;
  const paint = verdict.status === 'pass' ? c.green : c.red;
  return [
    '',
    c.bold('Targets and results'),
    ...iterations.map((iteration) => iterationBlock(iteration, c)),
    ...summary.findings.map(({ iteration, cause }) =>
      c.red(`  ${oneLine(iteration === undefined ? cause : `${iteration}: ${cause}`, 1000)}`),
    ),
    ...changeLines(summary).map((line) => `  ${c.red(oneLine(line))}`),
    ...notices.map((notice) => c.yellow(`  Note: ${oneLine(notice)}`)),
    c.dim(`  Backend ${oneLine(backend.name)}: ${oneLine(backend.reason)}`),
    paint(c.bold(`  ${verdict.status === 'pass' ? '✓' : '✗'} ${oneLine(verdict.title)}`)) +
      (verdict.exitCode === 0 ? '' : c.dim(` (exit code ${verdict.exitCode})`)),
    '',
  ].join('\n');
}

function iterationBlock(iteration: IterationSummary, c: Colors): string {
  const rows = sortedRows(iteration.targets);
  const about = isMeasured(iteration)
    ? `${iteration.name}, seed ${iteration.seed}: ${iteration.note}`
    : 'not measured';
  const cells = [HEADINGS.slice(), ...rows.map((row) => cellsOf(row, false))].map((line) =>
    line.map((cell) => oneLine(cell)),
  );
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    '',
    `  ${c.bold(oneLine(iteration.id))} ${c.dim(oneLine(about))}`,
    c.dim(`    ${lines[0]}`),
    ...rows.flatMap((row, i) => [`    ${painted(row, c)(lines[i + 1]!)}`, ...remedyLines(row, c)]),
  ].join('\n');
}

function painted(row: Verdict, c: Colors): (text: string) => string {
  if (isRed(row)) return c.red;
  return row.status === 'pass' ? c.green : c.yellow;
}

function remedyLines(row: Verdict, c: Colors): string[] {
  return row.remedy === '' ? [] : [c.dim(`      → ${oneLine(row.remedy, 1000)}`)];
}

function changeLines({ targetChanges, comparisons }: Summary): string[] {
  const changes = targetChanges.map(
    ({ kind, target, from, to, reason }) =>
      `${kind}: ${target}: from "${from}" to "${to}"${reason === undefined ? '' : ` (acknowledged: ${reason})`}`,
  );
  const notable = comparisons.filter(({ status }) => status === 'regression' || status === 'warn');
  return [
    ...changes,
    ...notable.map(
      ({ status, iteration, metric, base, head, unit }) =>
        `${status}: ${iteration}: ${metric} ${base} at the base, ${head} now${unit === '' ? '' : ` (${unit})`}`,
    ),
  ];
}
