import { isDeepStrictEqual } from 'node:util';
import { MOST_NESTED, nesting } from '../figure.ts';
import type { DescribedNetwork, ModelFacts, OutputKind, RunRecord } from '../record.ts';
import { recordFile, weightsFile } from './store.ts';
import { lostLoss } from './train.ts';

/** What a record should say, from sources that do not lie in the record. What is absent is not at hand, and not checked. */
export interface RecordExpectation {
  /** The name of its file, in the folder of records. */
  readonly file?: string;
  readonly id: string;
  readonly name?: string;
  readonly network?: DescribedNetwork;
  readonly output?: OutputKind;
  readonly recipe: object;
  readonly engine?: Pick<RunRecord['engine'], 'name' | 'version'>;
  readonly fingerprint: string;
  readonly model: ModelFacts;
  readonly data?: ExpectedData;
  /** Epochs that the recipe asks for; absent: whatever the record has. */
  readonly epochs?: number;
  /** Of the last step of each epoch; undefined: it follows from what only training tells. */
  readonly learningRates?: readonly (number | undefined)[];
}

export interface ExpectedData {
  readonly facts: RunRecord['data'];
  /** Training images that are trained on, without those set apart. */
  readonly trained: number;
  /** Test images of each class. */
  readonly perClass: readonly number[];
}

/**
 * Figures that only the training run tells: they are the record's word until it is trained again. Everything else in a
 * record follows from what is at hand, from the weights, or from another figure of it.
 */
export const RECORDED =
  /^(seconds|threads|diverged|engine\.note|versions\..*|backend\.(version|reason)|epochs\.\d+\.(seconds|trainCorrect|trainLoss|validationCorrect|validationLoss)|epochs\.\d+\.(testCorrect|testLoss))$/;

/** Everything in which a record is not what it should be, a line each; empty: nothing. Pure. */
export function auditRecord(record: RunRecord, expected: RecordExpectation): string[] {
  return [
    ...identityFaults(record, expected),
    ...settingFaults(record, expected),
    ...epochFaults(record, expected),
    ...confusionFaults(record, expected.data),
    ...weightsFaults(record),
  ];
}

function identityFaults(record: RunRecord, { file, id, name }: RecordExpectation): string[] {
  const named = recordFile(record.id, record.seed, record.backend.name);
  return [
    ...unequal('id', record.id, id),
    ...(name === undefined ? [] : unequal('name', record.name, name)),
    ...(file === undefined || file === named
      ? []
      : [
          `${file} holds seed ${record.seed} of ${record.id} on ${record.backend.name}: its name would be ${named}`,
        ]),
  ];
}

function settingFaults(record: RunRecord, expected: RecordExpectation): string[] {
  const pairs: [what: string, found: unknown, wanted: unknown][] = [
    ['network', record.network, expected.network],
    ['output', record.output, expected.output],
    ['recipe', record.recipe, expected.recipe],
    ['engine', { name: record.engine.name, version: record.engine.version }, expected.engine],
    ['fingerprint', record.fingerprint, expected.fingerprint],
    ['data', record.data, expected.data?.facts],
    ['model', record.model, expected.model],
  ];
  return pairs.flatMap(([what, found, wanted]) => (wanted === undefined ? [] : unequal(what, found, wanted)));
}

function epochFaults({ epochs, data, seconds, diverged }: RunRecord, expected: RecordExpectation): string[] {
  const trained = expected.data?.trained ?? epochs[0]!.trainTotal;
  const sum = epochs.reduce((all, epoch) => all + epoch.seconds, 0);
  return [
    ...(expected.epochs === undefined || (diverged !== undefined && epochs.length < expected.epochs)
      ? []
      : unequal('number of epochs', epochs.length, expected.epochs)),
    ...(diverged === undefined || lostLoss(epochs.at(-1)!) !== undefined
      ? []
      : ['it says that it was stopped, and its last loss is finite']),
    ...(sum > seconds * (1 + HAIR)
      ? [`its epochs took ${sum.toFixed(1)} s, all of it ${seconds.toFixed(1)} s`]
      : []),
    ...epochs.flatMap((epoch, i) => {
      const rate = expected.learningRates?.[i];
      return [
        ...unequal('number', epoch.epoch, i + 1),
        ...unequal('testTotal', epoch.testTotal, data.test),
        ...unequal('trainTotal', epoch.trainTotal, trained),
        ...atMost('testCorrect', epoch.testCorrect, epoch.testTotal),
        ...atMost('trainCorrect', epoch.trainCorrect, epoch.trainTotal),
        ...atMost('trainTotal', epoch.trainTotal, data.train),
        ...(epoch.validationTotal === undefined
          ? []
          : [
              ...unequal('validationTotal', epoch.validationTotal, data.train - trained),
              ...atMost('validationCorrect', epoch.validationCorrect ?? 0, epoch.validationTotal),
            ]),
        ...[epoch.trainLoss, epoch.testLoss].filter((loss) => loss < 0).map((loss) => `a loss is ${loss}`),
        ...(rate === undefined ? [] : unequal('learningRate', epoch.learningRate, rate)),
      ].map((fault) => `epoch ${i + 1}: ${fault}`);
    }),
  ];
}

/** Float dust of a sum. */
const HAIR = 1e-9;

function confusionFaults({ confusion, data, epochs }: RunRecord, expected?: ExpectedData): string[] {
  const { classes } = data;
  if (confusion.length !== classes || confusion.some((row) => row.length !== classes)) {
    return [`its confusion matrix is not ${classes} x ${classes}`];
  }
  const perClass = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = perClass.reduce((sum, count) => sum + count, 0);
  const diagonal = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  return [
    ...unequal('sum of the confusion matrix', total, data.test),
    ...unequal('diagonal of the confusion matrix', diagonal, epochs.at(-1)!.testCorrect),
    ...(expected === undefined ? [] : unequal('test images of each class', perClass, expected.perClass)),
  ];
}

const BYTES_A_FLOAT = 4;

function weightsFaults({ id, seed, backend, weights, model }: RunRecord): string[] {
  const file = weightsFile(recordFile(id, seed, backend.name), weights.sha256);
  return [
    ...unequal('weights file', weights.file, file),
    ...(model.allParameters.known
      ? unequal('bytes of weights', weights.bytes, BYTES_A_FLOAT * model.allParameters.value)
      : []),
  ];
}

function unequal(what: string, found: unknown, wanted: unknown): string[] {
  return isDeepStrictEqual(found, plain(wanted))
    ? []
    : [`${what} ${short(found)}, expected ${short(plain(wanted))}`];
}

/** As it comes out of JSON: without fields that are undefined. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry)]));
}

function atMost(what: string, found: number, most: number): string[] {
  return found > most ? [`${what} ${found}, of ${most}`] : [];
}

const LONGEST = 80;

function short(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = nesting(value) > MOST_NESTED ? 'nested too deep' : (JSON.stringify(value) ?? 'nothing');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}
