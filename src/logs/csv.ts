import { parse } from 'csv-parse/sync';
import { messageOf } from '../errors.ts';
import { damaged } from '../formats/bounded-file.ts';
import type { LogRow } from './curve.ts';

/** Rows of a CSV whose first line names its columns; what separates them is found out: comma, semicolon or tab. */
export function rowsOfCsv(text: string, file: string): LogRow[] {
  const head = text.slice(0, Math.max(0, text.indexOf('\n')));
  const delimiter = [',', ';', '\t'].find((each) => head.includes(each));
  if (delimiter === undefined) {
    throw damaged(
      file,
      'a log',
      'a CSV with a line of column names, JSON or TensorBoard events',
      JSON.stringify(head.slice(0, 60)),
    );
  }
  try {
    return parse(text, { columns: true, delimiter, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw damaged(file, 'a log', 'a CSV with the same columns in every row', messageOf(error));
  }
}
