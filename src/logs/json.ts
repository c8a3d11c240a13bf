import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { damaged } from '../formats/bounded-file.ts';
import { MOST_NESTED, nesting } from '../figure.ts';
import type { LogRow } from './curve.ts';

const trainerState = z.object({ log_history: z.array(z.record(z.string(), z.unknown())) });

/** The history in a trainer_state.json; undefined where it is another JSON. */
export function rowsOfTrainerState(json: unknown): LogRow[] | undefined {
  const parsed = trainerState.safeParse(json);
  if (!parsed.success) return undefined;
  // What sums the whole run up at its end is no epoch's: its train_loss is the mean over all of them.
  return parsed.data.log_history.filter((entry) => !('train_runtime' in entry)).map((entry) => flat(entry));
}

/** A list of objects, one an epoch, or an object of lists, one a column. */
export function rowsOfJson(json: unknown, file: string): LogRow[] {
  if (nesting(json) > MOST_NESTED) throw shapeless(file, 'lists and objects nested without end');
  if (Array.isArray(json)) return json.map((each) => rowOf(each, file));
  const lists = z.record(z.string(), z.array(z.union([z.number(), z.string()]))).safeParse(json);
  if (!lists.success) return [rowOf(json, file)];
  const [first = []] = Object.values(lists.data);
  return numbered(
    first.map((_, i) =>
      Object.fromEntries(Object.entries(lists.data).map(([name, values]) => [name, values[i] ?? ''])),
    ),
  );
}

/** One object a line, as DVCLive and others append them. */
export function rowsOfLines(lines: readonly string[], file: string): LogRow[] {
  const rows = lines.map((line, i) => {
    try {
      return rowOf(JSON.parse(line), file);
    } catch (error) {
      throw damaged(
        file,
        'a log',
        `JSON in line ${i + 1}`,
        messageOf(error),
        'A run that was cut off leaves half a line: delete it.',
      );
    }
  });
  return numbered(rows);
}

/** DVCLive calls an epoch a step; a list without numbers is in order. */
function numbered(rows: readonly LogRow[]): LogRow[] {
  if (rows.some((row) => 'epoch' in row)) return [...rows];
  return rows.map((row, i) => ({ epoch: row['step'] ?? i, ...row }));
}

function rowOf(value: unknown, file: string): LogRow {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && nesting(value) <= MOST_NESTED)
    return flat(value);
  throw shapeless(file, JSON.stringify(value)?.slice(0, 60));
}

function shapeless(file: string, found: unknown): Error {
  return damaged(file, 'a log', 'an object of figures an epoch, a list of them, or a list a column', found);
}

/** { train: { loss: 1 } } as { "train.loss": 1 }. */
function flat(value: object, prefix = ''): LogRow {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]): [string, string | number][] => {
      if (typeof entry === 'number' || typeof entry === 'string') return [[prefix + key, entry]];
      if (typeof entry !== 'object' || entry === null) return [];
      return Object.entries(flat(entry as object, `${prefix}${key}.`)) as [string, string | number][];
    }),
  );
}
