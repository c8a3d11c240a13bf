import { isRed } from '../gates/exit-code.ts';
import { describeTarget, formatValue } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';

/** The target-vs-result table as plain cells, for the terminal and for Markdown. */

export const HEADINGS = ['status', 'target', 'result', 'margin', '95 % interval', 'provenance'] as const;
export const BASE_HEADING = 'base';

/** Red rows first, then the order they came in. */
export function sortedRows(rows: readonly Verdict[]): Verdict[] {
  return rows.toSorted((a, b) => Number(isRed(b)) - Number(isRed(a)));
}

/** The cells of one row, in the order of `HEADINGS`; the base last if `withBase`. */
export function cellsOf(row: Verdict, withBase: boolean): string[] {
  const cells = [
    statusOf(row),
    describeTarget(row),
    resultOf(row),
    marginOf(row),
    intervalOf(row),
    provenanceOf(row),
  ];
  return withBase ? [...cells, row.base === undefined ? '' : formatValue(row.base, row.unit)] : cells;
}

/** The status, and the level where it takes the sting out of it. */
export function statusOf(row: Verdict): string {
  return row.level === 'off' && row.status !== 'pass' ? `${row.status} (off)` : row.status;
}

/** "re-evaluated"; a figure that was not measured in this run says so. */
export function provenanceOf(row: Verdict): string {
  if (row.actual === null && row.values.length === 0) return '';
  return row.provenance === 'recorded' ? 'recorded, not re-measured' : row.provenance;
}

function resultOf(row: Verdict): string {
  const value = formatValue(row.actual, row.unit);
  const several =
    row.aggregation === 'single run'
      ? ''
      : ` (${row.aggregation} of ${row.values.length} runs: ${spread(row)})`;
  return row.detail === undefined ? value + several : `${value}${several}, ${row.detail}`;
}

function spread(row: Verdict): string {
  return row.values.map((value) => formatValue(value, '')).join(', ');
}

function marginOf({ marginImages, total }: Verdict): string {
  if (marginImages === undefined || total === undefined) return '';
  const sign = marginImages > 0 ? '+' : '';
  return `${sign}${formatValue(marginImages, '')} of ${formatValue(total, '')} images`;
}

function intervalOf({ interval }: Verdict): string {
  return interval ? `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)} %` : '';
}
