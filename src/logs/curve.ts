import { z } from 'zod';
import { GateError } from '../errors.ts';

/** What is read of a log: one row an epoch. */
export interface CurveEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Shares of 1. */
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
  /** Half of the last digit with which the log tells `testAccuracy`, a share of 1. */
  readonly rounding: number;
  /** Mean cross-entropy; may be NaN or infinite. */
  readonly trainLoss: number;
  readonly testLoss: number;
  /** NaN: the log does not tell. */
  readonly learningRate: number;
}

export interface Curve {
  /** "Keras CSVLogger": what the log was taken for. */
  readonly format: string;
  readonly epochs: readonly CurveEpoch[];
}

/** Names of a log's columns for what is read of it. */
const columnsSchema = z.strictObject({
  epoch: z.string().exactOptional(),
  trainAccuracy: z.string().exactOptional(),
  trainLoss: z.string().exactOptional(),
  testAccuracy: z.string().exactOptional(),
  testLoss: z.string().exactOptional(),
  learningRate: z.string().exactOptional(),
});
export type Columns = z.infer<typeof columnsSchema>;

/** Some figures of one epoch, as text or number, by the log's names. Several rows may be of one epoch. */
export type LogRow = Readonly<Record<string, string | number>>;

/**
 * What frameworks call the columns, without slashes, dots and "_epoch". Test figures come before those of a validation set:
 * a log that has both is about the test images.
 */
const NAMES: Readonly<Record<keyof Columns, readonly string[]>> = {
  epoch: ['epoch'],
  trainAccuracy: [
    'train_acc',
    'train_accuracy',
    'accuracy',
    'acc',
    'sparse_categorical_accuracy',
    'categorical_accuracy',
  ],
  trainLoss: ['train_loss', 'loss'],
  testAccuracy: [
    'test_acc',
    'test_accuracy',
    'eval_accuracy',
    'eval_acc',
    'val_acc',
    'val_accuracy',
    'validation_accuracy',
    'val_sparse_categorical_accuracy',
    'val_categorical_accuracy',
  ],
  testLoss: ['test_loss', 'eval_loss', 'val_loss', 'validation_loss'],
  learningRate: ['lr', 'learning_rate', 'lr_sgd', 'lr_adam', 'lr_adamw'],
};

/**
 * The curve in the rows of a log. Epochs are numbered from 1, whether the log counts from 0 or 1; of several rows of one epoch
 * the last figure counts; accuracies above 1 are per cent. Throws GateError where a column is missing, a figure is none, or an
 * epoch is left out.
 */
export function curveOf(format: string, rows: readonly LogRow[], file: string, columns: Columns = {}): Curve {
  const parsed = columnsSchema.safeParse(columns);
  if (!parsed.success) {
    throw new GateError(
      `columns: ${z.prettifyError(parsed.error)}. Known: ${Object.keys(NAMES).join(', ')}.`,
    );
  }
  if (rows.length === 0)
    throw new GateError(`${file} has no epochs: expected a row an epoch, found none. Train first.`);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const nameOf = (what: keyof Columns) => columnNamed(what, parsed.data[what], names, file);
  const epochName = nameOf('epoch');
  const groups = new Map<number, LogRow>();
  for (const row of rows) {
    const epoch = epochOf(row[epochName!], file);
    if (epoch === undefined) continue;
    groups.set(epoch, { ...groups.get(epoch), ...withoutBlanks(row) });
  }
  const keys = [...groups.keys()].toSorted((a, b) => a - b);
  checkNumbers(keys, file);
  const figures = (what: keyof Columns) => keys.map((key) => groups.get(key)![nameOf(what) ?? '']);
  const accuracies = {
    train: shares(figures('trainAccuracy'), 'trainAccuracy', file),
    test: shares(figures('testAccuracy'), 'testAccuracy', file),
  };
  const losses = { train: figures('trainLoss'), test: figures('testLoss') };
  const rates = figures('learningRate');
  return {
    format,
    epochs: keys.map((_, i) => ({
      epoch: i + 1,
      trainAccuracy: accuracies.train[i]!.share,
      testAccuracy: accuracies.test[i]!.share,
      rounding: accuracies.test[i]!.rounding,
      trainLoss: numberOf(losses.train[i], 'trainLoss', i, file),
      testLoss: numberOf(losses.test[i], 'testLoss', i, file),
      learningRate: rates[i] === undefined ? Number.NaN : numberOf(rates[i], 'learningRate', i, file),
    })),
  };
}

/** The column of a figure. Undefined where the log has no learning rate, which no target needs. */
function columnNamed(
  what: keyof Columns,
  asked: string | undefined,
  names: readonly string[],
  file: string,
): string | undefined {
  const found =
    asked === undefined
      ? NAMES[what]
          .map((name) => names.find((each) => plain(each) === name))
          .find((each) => each !== undefined)
      : names.find((each) => each === asked);
  if (found !== undefined || (what === 'learningRate' && asked === undefined)) return found;
  const expected = asked === undefined ? `one of ${NAMES[what].join(', ')}` : `"${asked}"`;
  throw new GateError(
    `${file} has no column for ${what}: expected ${expected}, found ${names.slice(0, 20).join(', ')}. Log it every epoch, or name its column: columns: { ${what}: '...' }.`,
  );
}

/** "Train/Acc_epoch" as "train_acc". */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/(?<=.)_epoch$/, '');
}

/** Epochs may be fractions, of which the end counts (Hugging Face); undefined: a row of none. */
function epochOf(value: string | number | undefined, file: string): number | undefined {
  if (value === undefined || value === '') return undefined;
  const epoch = Number(value);
  if (Number.isFinite(epoch) && epoch >= 0) return Math.ceil(epoch - 1e-6);
  throw new GateError(
    `${file} has an epoch that is no number: expected 0 or more, found ${JSON.stringify(value)}. Correct the log.`,
  );
}

function withoutBlanks(row: LogRow): LogRow {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ''));
}

function checkNumbers(keys: readonly number[], file: string): void {
  const first = keys[0] ?? -1;
  const gap = keys.findIndex((key, i) => key !== first + i);
  if ((first === 0 || first === 1) && gap < 0) return;
  throw new GateError(
    `${file} leaves epochs out: expected every one from 0 or 1 on, found ${gap > 0 ? `${keys[gap]} after ${keys[gap - 1]}` : `${keys[0] ?? 'none'} first`}. A curve with holes says nothing of "every epoch": log them all.`,
  );
}

function shares(
  values: readonly (string | number | undefined)[],
  what: keyof Columns,
  file: string,
): readonly { readonly share: number; readonly rounding: number }[] {
  const numbers = values.map((value, i) => numberOf(value, what, i, file));
  const scale = numbers.some((value) => value > 1) ? 100 : 1;
  const odd = numbers.findIndex((value) => !(value >= 0 && value <= scale));
  if (odd >= 0) {
    throw new GateError(
      `${file}, epoch ${odd + 1}: expected ${what} from 0 to 1, or in per cent, found ${numbers[odd]}. Correct the log.`,
    );
  }
  return numbers.map((value, i) => ({ share: value / scale, rounding: roundingOf(values[i]!) / scale }));
}

/** Half of the last digit that a number is written with. */
function roundingOf(value: string | number): number {
  const [mantissa, exponent = '0'] = String(value).toLowerCase().split('e');
  const decimals = mantissa!.split('.')[1]?.length ?? 0;
  return 0.5 * 10 ** (Number(exponent) - decimals);
}

const WORDS: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
  '-inf': -Infinity,
};

function numberOf(
  value: string | number | undefined,
  what: keyof Columns,
  index: number,
  file: string,
): number {
  if (typeof value === 'number') return value;
  const text = value?.trim().toLowerCase() ?? '';
  const number = WORDS[text] ?? (text === '' ? undefined : Number(text));
  if (number !== undefined && (!Number.isNaN(number) || text === 'nan')) return number;
  throw new GateError(
    `${file}, epoch ${index + 1}: expected a number for ${what}, found ${value === undefined ? 'nothing' : JSON.stringify(value)}. Log it in every epoch.`,
  );
}
