import { isRed } from '../gates/exit-code.ts';
import { formatValue } from '../gates/verdict.ts';
import type { Target, Verdict } from '../gates/verdict.ts';
import { promiseOf } from './promise.ts';

/** The target-vs-result table as plain cells, for every report. */

export const HEADINGS = ['status', 'target', 'result', 'margin', '95 % interval', 'provenance'] as const;
export const BASE_HEADING = 'base';

export interface CellOptions {
  /** The targets of the same iteration. */
  readonly peers?: readonly Target[];
  /** A last cell with the value at the base. */
  readonly withBase?: boolean;
}

/** Red rows first, then the order they came in. */
export function sortedRows(rows: readonly Verdict[]): Verdict[] {
  return rows.toSorted((a, b) => Number(isRed(b)) - Number(isRed(a)));
}

/** The cells of one row, in the order of `HEADINGS`. */
export function cellsOf(row: Verdict, { peers = [], withBase = false }: CellOptions = {}): string[] {
  const cells = [
    `${iconOf(row)} ${statusOf(row)}`,
    promiseOf(row, peers),
    resultOf(row),
    marginOf(row),
    intervalOf(row),
    provenanceOf(row),
  ];
  return withBase ? [...cells, row.base === undefined ? '' : formatValue(row.base, row.unit)] : cells;
}

/** Met, not met, or something to look at that is not red. */
function iconOf(row: Verdict): '✅' | '❌' | '⚠️' {
  if (isRed(row)) return '❌';
  return row.status === 'pass' ? '✅' : '⚠️';
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

/** What was measured; of several runs also each of them, and what else there is to say. */
export function resultOf(row: Verdict): string {
  const value = tableName(row) ?? formatValue(row.actual, row.unit);
  const several =
    row.aggregation === 'single run'
      ? ''
      : ` (${row.aggregation} of ${row.values.length} runs: ${spread(row)})`;
  return row.detail === undefined ? value + several : `${value}${several}, ${row.detail}`;
}

/** "+10 of 10,000 images"; empty where nothing was counted in images. */
export function marginOf({ marginImages, total }: Verdict): string {
  if (marginImages === undefined || total === undefined) return '';
  const sign = marginImages > 0 ? '+' : '';
  return `${sign}${formatValue(marginImages, '')} of ${formatValue(total, '')} images`;
}

/** "99.34 to 99.62 %"; empty where there is none. */
export function intervalOf({ interval }: Verdict): string {
  return interval ? `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)} %` : '';
}

/** A table of layers has a hash for a value, which says nothing to a person. */
function tableName({ actual, target }: Verdict): string | undefined {
  const layers = /^(\d+) rows, [0-9a-f]{12}$/.exec(String(actual))?.[1];
  if (layers === undefined) return undefined;
  return actual === target ? 'the same' : `another one, ${layers} layers`;
}

function spread(row: Verdict): string {
  return row.values.map((value) => formatValue(value, '')).join(', ');
}
