import { describeTarget } from '../gates/verdict.ts';
import type { Summary } from '../report/summary.ts';
import { oneLine } from '../report/text.ts';

/** What later steps of a job can read; documented in action.yml and docs/ci.md. */
export interface Outputs {
  readonly status: 'pass' | 'fail';
  readonly 'exit-code': number;
  readonly title: string;
  /** Path of summary.md from the workspace; empty if none was written. */
  readonly 'summary-path': string;
  /** Images to spare of the accuracy target that is closest to its limit (negative: missing); empty without one. */
  readonly 'worst-margin': number | '';
  /** Which target that is. */
  readonly 'worst-margin-target': string;
}

/** Pure. */
export function outputsOf(summary: Summary, summaryPath: string): Outputs {
  const worst = summary.iterations
    .flatMap(({ targets }) => targets)
    .filter((row) => row.marginImages !== undefined && row.level !== 'off')
    .reduce<{ margin: number; target: string } | undefined>((least, row) => {
      const margin = row.marginImages!;
      return least && least.margin <= margin
        ? least
        : { margin, target: `${row.iteration}: ${describeTarget(row)}` };
    }, undefined);
  return {
    status: summary.verdict.status,
    'exit-code': summary.verdict.exitCode,
    title: oneLine(summary.verdict.title),
    'summary-path': summaryPath,
    'worst-margin': worst?.margin ?? '',
    'worst-margin-target': oneLine(worst?.target ?? ''),
  };
}

/** Of a gate that could not judge. */
export function outputsOfError(message: string, exitCode: number): Outputs {
  return {
    status: 'fail',
    'exit-code': exitCode,
    title: oneLine(message),
    'summary-path': '',
    'worst-margin': '',
    'worst-margin-target': '',
  };
}
