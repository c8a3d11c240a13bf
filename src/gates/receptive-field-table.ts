import { createHash } from 'node:crypto';
import { GateError } from '../errors.ts';
import { layerRowSchema } from '../record.ts';
import type { LayerRow } from '../record.ts';

/** The columns of a receptive-field table, in the order of the published one. */
export const COLUMNS = [
  ['layer', 'Layer No.'],
  ['operation', 'Operation'],
  ['inputSize', 'Input Feat.'],
  ['kernel', 'Kernel Size'],
  ['padding', 'Padding'],
  ['stride', 'Stride'],
  ['outputSize', 'Output Feat.'],
  ['jumpIn', 'Jump in'],
  ['jumpOut', 'Jump Out'],
  ['receptiveFieldIn', 'RF in'],
  ['receptiveFieldOut', 'RF Out'],
] as const satisfies readonly (readonly [keyof LayerRow, string])[];

/** Reads the rows of a Markdown table; lines that do not start with a layer number are headings. */
export function parseTable(markdown: string): LayerRow[] {
  const lines = markdown.split('\n').map((line) => line.trim());
  const rows = lines.filter((line) => /^\|\s*\d/.test(line)).map(parseRow);
  if (rows.length === 0) {
    throw new GateError(
      `A receptive-field table needs rows such as "|1|Conv2d|28|3|0|1|26|1|1|1|3|"; found none.`,
    );
  }
  return rows;
}

/** The rows as a Markdown table with the published headings. */
export function formatTable(rows: readonly LayerRow[]): string {
  const headings = COLUMNS.map(([, heading]) => heading);
  return [headings, headings.map(() => ':-:'), ...rows.map((row) => COLUMNS.map(([key]) => row[key]))]
    .map((cells) => `|${cells.join('|')}|`)
    .join('\n');
}

/** Undefined if equal, else the first difference as a sentence. */
export function sameTable(expected: readonly LayerRow[], actual: readonly LayerRow[]): string | undefined {
  for (const [i, row] of expected.entries()) {
    const found = actual[i];
    if (!found)
      return `row ${i + 1} (${row.operation}) is not there: ${actual.length} rows, expected ${expected.length}`;
    const column = COLUMNS.find(([key]) => row[key] !== found[key]);
    if (column) {
      const [key, heading] = column;
      return `row ${i + 1}, ${heading}: ${found[key]}, expected ${row[key]}`;
    }
  }
  return actual.length > expected.length ? `${actual.length} rows, expected ${expected.length}` : undefined;
}

/** A short name for a whole table, so that the lock holds every figure of it. */
export function digest(rows: readonly LayerRow[]): string {
  const text = JSON.stringify(rows.map((row) => COLUMNS.map(([key]) => row[key])));
  return `${rows.length} rows, ${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

function parseRow(line: string): LayerRow {
  const cells = line.split('|').slice(1, -1);
  const entries = COLUMNS.map(([key], i) => [key, key === 'operation' ? cells[i]?.trim() : Number(cells[i])]);
  const row = layerRowSchema.safeParse(Object.fromEntries(entries));
  if (cells.length !== COLUMNS.length || !row.success) {
    throw new GateError(
      `"${line}" is not a row of a receptive-field table: ${COLUMNS.length} columns are expected, numbers but for the operation.`,
    );
  }
  return row.data;
}
