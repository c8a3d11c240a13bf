import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { MOST_NESTED, nesting, toPlain } from '../figure.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { inTurn } from '../files/claim.ts';
import { removeUnfinished, writeWhole } from '../files/write-whole.ts';
import { RECORD_SCHEMA, type RunRecord, runRecordSchema } from '../record.ts';
import { sha256OfJson } from './fingerprint.ts';
import { sha256OfBytes } from './weights-file.ts';
import { commandLine } from '../command-line.ts';

/** runs/ in the project that the process was started in: of a package in node_modules it is the project around it. */
export const RUNS_FOLDER = path.resolve('runs');

/** Where a run's record goes: WASM's, the committed evidence, without a backend in the name. */
export function recordFile(id: string, seed: number, backend: string): string {
  return `${id}.seed-${seed}${backend === 'wasm' ? '' : `.${backend}`}.json`;
}

/** Who writes to a folder of records, while it does: else the older weights that go could be those of another. */
const LOCK = '.lock';

/** Digits of the hash of the weights in the name of their file. */
const HASH_DIGITS = 16;

/** The weights beside a record, named by their hash: a record and the weights that it speaks of cannot be mixed up. */
export function weightsFile(record: string, sha256: string): string {
  return record.replace(/\.json$/, `.${sha256.slice(0, HASH_DIGITS)}.weights.bin`);
}

/** The record with its seal: a hash over everything else in it, so that a figure changed by hand shows. */
export function sealed(record: Omit<RunRecord, 'seal'>): RunRecord {
  // Through JSON, so that the hash is of what a reader of the file sees.
  const plain = JSON.parse(JSON.stringify(toPlain(record))) as object;
  return runRecordSchema.parse({ ...plain, seal: sha256OfJson(plain) });
}

/**
 * All records of iteration `id` trained on `backend` in `folder`, by seed; none where the folder does not exist. Nothing is
 * left out in silence: throws GateError on one that cannot be read, and on one of this iteration in a file of another name
 * (a second one of a seed, another backend, a record that was put aside).
 */
export function readRecords(folder: string, id: string, backend: string): RunRecord[] {
  const files = jsonFiles(folder);
  const own = files.filter((file) => file.startsWith(`${id}.seed-`));
  const records = own.map((file) => {
    const record = readRecord(path.join(folder, file));
    checkName(folder, file, record);
    return record;
  });
  for (const file of files) {
    if (!own.includes(file) && idIn(path.join(folder, file)) === id) {
      checkName(folder, file, readRecord(path.join(folder, file)));
    }
  }
  return records.filter((record) => record.backend.name === backend).toSorted((a, b) => a.seed - b.seed);
}

function jsonFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json') && !file.endsWith('.study.json'));
  } catch {
    return [];
  }
}

/** Whose record a file is; undefined if it is none that can be read. */
function idIn(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { readonly id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}

function checkName(folder: string, file: string, { id, seed, backend }: RunRecord): void {
  const name = recordFile(id, seed, backend.name);
  if (file === name) return;
  throw new GateError(
    `${path.join(folder, file)}: it says that it is ${id}, seed ${seed} on ${backend.name}: expected the name ${name}. Give it that name, or delete it.`,
    ExitCode.missing,
  );
}

/** One record. Throws GateError where it is not JSON, does not have the record's form, or was changed after it was written. */
export function readRecord(file: string): RunRecord {
  const json = parseJson(readText(file), file);
  if (nesting(json) > MOST_NESTED) {
    throw new GateError(
      `${file}: not a run record (lists and objects are nested deeper than ${MOST_NESTED}). ${retrain(file)}`,
    );
  }
  // First: a figure that was changed by hand should be called that, even where it also breaks the form.
  const { seal, ...rest } = sealedSchema.safeParse(json).data ?? {};
  if (seal !== undefined && sha256OfJson(rest) !== seal) {
    throw new GateError(
      `${file}: the record was changed after it was written: its seal does not fit its figures. Restore it with git, or train anew. ${retrain(file)}`,
      ExitCode.missing,
    );
  }
  const parsed = runRecordSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new GateError(`${file}: not a run record (${z.prettifyError(parsed.error)}). ${retrain(file)}`);
}

const sealedSchema = z.looseObject({ schema: z.literal(RECORD_SCHEMA), seal: z.string() });

/** The weights of a record. Throws GateError where the file is missing or is not the one that the record was written with. */
export function readWeights(folder: string, record: RunRecord): Uint8Array {
  const named = weightsFile(recordFile(record.id, record.seed, record.backend.name), record.weights.sha256);
  const file = path.join(folder, record.weights.file);
  if (record.weights.file !== named) {
    throw new GateError(
      `${file}: the weights of ${record.id}, seed ${record.seed}, lie in ${named}, beside the record. ${retrain(file)}`,
      ExitCode.missing,
    );
  }
  let bytes: Buffer;
  try {
    checkPlainFile(file);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw new GateError(
      `${file}: the record's weights cannot be read (${messageOf(error)}). ${retrain(file)}`,
    );
  }
  const found = sha256OfBytes(bytes);
  if (found !== record.weights.sha256) {
    throw new GateError(
      `${file}: these are not the weights of the record: expected SHA-256 ${record.weights.sha256}, found ${found}. Restore the file with git, or train anew. ${retrain(file)}`,
      ExitCode.missing,
    );
  }
  return bytes;
}

/** Whether `folder` holds this run already, to the bit: all that differs is when, where and how fast it was trained. */
export function isWritten(folder: string, record: RunRecord): boolean {
  try {
    const before = readRecord(path.join(folder, recordFile(record.id, record.seed, record.backend.name)));
    readWeights(folder, before);
    return isDeepStrictEqual(figuresOf(before), figuresOf(record));
  } catch (error) {
    // There is none, or none that counts.
    if (error instanceof GateError) return false;
    throw error;
  }
}

/** All of a record that the same network, recipe, data, engine and seed give again. */
function figuresOf(record: RunRecord): object {
  const { seal: _, seconds: __, threads: ___, versions: ____, backend, epochs, ...figures } = record;
  return {
    ...figures,
    backend: backend.name,
    epochs: epochs.map(({ seconds: _____, ...epoch }) => epoch),
  };
}

/**
 * Writes a record and its weights, unless they are there to the bit; each file is whole or not there. The weights come first, under the name of their hash:
 * until the record is renamed into its place, the run before it stands whole. Weights that no record names any more go last.
 */
export function writeRun(folder: string, record: RunRecord, weights: Uint8Array): string {
  const file = path.join(folder, recordFile(record.id, record.seed, record.backend.name));
  inTurn(path.join(folder, LOCK), `Writing to ${folder}`, () => {
    removeUnfinished(folder);
    if (!isWritten(folder, record)) {
      writeWhole(path.join(folder, record.weights.file), weights);
      writeWhole(file, `${JSON.stringify(toPlain(record), null, 1)}\n`);
    }
    // Also where they are there: who wrote them may have been killed before this.
    removeOlderWeights(folder, record);
  });
  return file;
}

function removeOlderWeights(folder: string, record: RunRecord): void {
  const before = recordFile(record.id, record.seed, record.backend.name).replace(/\.json$/, '.');
  const older = readdirSync(folder).filter(
    (file) =>
      file.startsWith(before) &&
      /^[0-9a-f]+\.weights\.bin$/.test(file.slice(before.length)) &&
      file !== record.weights.file,
  );
  for (const file of older) rmSync(path.join(folder, file), { force: true });
}

/** A link could show other figures to whoever follows it at another time or place. */
function checkPlainFile(file: string): void {
  if (lstatSync(file).isFile()) return;
  throw new GateError(
    `${file}: expected a file, found a link or a folder. Records and weights are files of their folder. ${retrain(file)}`,
    ExitCode.missing,
  );
}

function readText(file: string): string {
  try {
    checkPlainFile(file);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw new GateError(`${file}: cannot be read (${messageOf(error)}). ${retrain(file)}`);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GateError(`${file}: not JSON (${messageOf(error)}). ${retrain(file)}`);
  }
}

function retrain(file: string): string {
  const number = path.basename(file).split('-', 1)[0];
  const seed = /\.seed-(\d+)/.exec(file)?.[1] ?? '1';
  return `\`${commandLine(`train ${number} --seed ${seed}`)}\` writes it anew.`;
}
