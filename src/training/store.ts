import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { toPlain } from '../figure.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { RECORD_SCHEMA, type RunRecord, runRecordSchema } from '../record.ts';
import { sha256OfJson } from './fingerprint.ts';
import { sha256OfBytes } from './weights-file.ts';

/** runs/ in the project. */
export const RUNS_FOLDER = fileURLToPath(new URL('../../runs', import.meta.url));

/** Where a run's record goes: WASM's, the committed evidence, without a backend in the name. */
export function recordFile(id: string, seed: number, backend: string): string {
  return `${id}.seed-${seed}${backend === 'wasm' ? '' : `.${backend}`}.json`;
}

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

/** All records of iteration `id` trained on `backend` in `folder`, by seed; none where the folder does not exist. Throws GateError on one that cannot be read. */
export function readRecords(folder: string, id: string, backend: string): RunRecord[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  return files
    .filter((file) => file.startsWith(`${id}.seed-`) && file.endsWith('.json'))
    .map((file) => readRecord(path.join(folder, file)))
    .filter((record) => record.backend.name === backend)
    .toSorted((a, b) => a.seed - b.seed);
}

/** One record. Throws GateError where it is not JSON, does not have the record's form, or was changed after it was written. */
export function readRecord(file: string): RunRecord {
  const json = parseJson(readText(file), file);
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
  const file = path.join(folder, record.weights.file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
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

/**
 * Writes a record and its weights; each file is whole or not there. The weights come first, under the name of their hash:
 * until the record is renamed into its place, the run before it stands whole. Weights that no record names any more go last.
 */
export function writeRun(folder: string, record: RunRecord, weights: Uint8Array): string {
  const file = path.join(folder, recordFile(record.id, record.seed, record.backend.name));
  mkdirSync(folder, { recursive: true });
  writeWhole(path.join(folder, record.weights.file), weights);
  writeWhole(file, `${JSON.stringify(toPlain(record), null, 1)}\n`);
  removeOlderWeights(folder, record);
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

function writeWhole(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new GateError(
      `${file}: cannot be written (${messageOf(error)}). Check the folder's permissions and space.`,
    );
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
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
  return `\`npm run train -- ${number} --seed ${seed}\` writes it anew.`;
}
