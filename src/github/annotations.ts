import { relative, resolve, sep } from 'node:path';
import { isRed } from '../gates/exit-code.ts';
import { unacknowledged } from '../gates/loosening.ts';
import type { Verdict } from '../gates/verdict.ts';
import { describeTarget, formatValue } from '../gates/verdict.ts';
import type { Summary } from '../report/summary.ts';
import { sortedRows } from '../report/table.ts';
import { oneLine } from '../report/text.ts';
import { ANNOTATIONS_PER_STEP } from './limits.ts';

export interface Annotation {
  readonly type: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  /** From the repository's root, with forward slashes. */
  readonly file?: string;
  readonly line?: number;
}

/** Where the run happened: GitHub names files from the workspace, the summary from the project's root. */
export interface Place {
  readonly root: string;
  readonly workspace: string;
}

/**
 * What a reviewer is shown beside the code, failures before warnings: at most ten, the last of which says how many more
 * there are. Pure. Those that are not shown are counted and not written.
 */
export function annotationsOf(summary: Summary, place: Place): Annotation[] {
  const rows = sortedRows(summary.iterations.flatMap(({ targets }) => targets));
  const errors: readonly (() => Annotation)[] = [
    ...summary.findings.map(
      ({ iteration, cause }) =>
        () =>
          annotation('error', `${iteration ?? 'the change'}: found by the judge`, cause),
    ),
    ...rows.filter(isRed).map((row) => () => rowAnnotation(row, 'error', place)),
    ...unacknowledged(summary.targetChanges).map(
      ({ kind, target, from, to }) =>
        () =>
          annotation(
            'error',
            `${target}: ${kind}`,
            `from "${from}" to "${to}", not acknowledged in spec/loosened.json`,
          ),
    ),
    ...summary.comparisons
      .filter(({ status }) => status === 'regression')
      .map(
        ({ iteration, metric, base, head, unit }) =>
          () =>
            annotation(
              'error',
              `${iteration}: ${metric} regressed`,
              `${formatValue(base, unit)} at the base, ${formatValue(head, unit)} now`,
            ),
      ),
  ];
  const warnings = rows
    .filter((row) => row.status === 'warn' && !isRed(row))
    .map((row) => () => rowAnnotation(row, 'warning', place));
  // Another test, or an error outside of all tests: no row is red, and the run is.
  const isRedAlone = summary.verdict.exitCode !== 0 && errors.length === 0;
  const theRun = () => annotation('error', 'the gate', `${summary.verdict.title}: see the log.`);
  const all = [...(isRedAlone ? [theRun] : errors), ...warnings];
  const written = (those: readonly (() => Annotation)[]) => those.map((write) => write());
  if (all.length <= ANNOTATIONS_PER_STEP) return written(all);
  const shown = written(all.slice(0, ANNOTATIONS_PER_STEP - 1));
  const rest = all.length - shown.length;
  const { type } = all[shown.length]!();
  return [...shown, annotation(type, `${rest} more`, 'The job summary lists every target.')];
}

function rowAnnotation(row: Verdict, type: Annotation['type'], place: Place): Annotation {
  const measured = row.detail ?? formatValue(row.actual, row.unit);
  const message = `promised ${describeTarget(row)}; measured: ${measured}. ${row.remedy}`;
  const { location } = row;
  return {
    ...annotation(type, `${row.iteration}: ${row.metric}: ${row.status}`, message),
    ...(location ? { file: fromWorkspace(location.file, place), line: location.line } : {}),
  };
}

function annotation(type: Annotation['type'], title: string, message: string): Annotation {
  return { type, title: oneLine(title, 200), message: oneLine(message, 1000) };
}

/** The path that GitHub knows a file of the project by. */
export function fromWorkspace(file: string, { root, workspace }: Place): string {
  return relative(workspace, resolve(root, file)).split(sep).join('/');
}
