import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { GateError, messageOf } from '../errors.ts';
import { toPlain } from '../figure.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type Epoch, epochSchema } from '../record.ts';
import { recordFile } from './store.ts';
import { sha256OfBytes } from './weights-file.ts';

/**
 * Where a run that was interrupted goes on: what its last whole epoch left behind, in one file that is whole or not there.
 * First line: what it is. Second line: SHA-256 of all that follows. Third line: JSON. Then the bytes of the engine's state.
 */
const MAGIC = 'codecodecode checkpoint 1';
const HASH_DIGITS = 64;

/** Everything that the further steps follow from, beside the state: each with its name for a person. */
export interface CheckpointIdentity {
  readonly id: string;
  readonly seed: number;
  /** SHA-256 each. */
  readonly network: string;
  readonly recipe: string;
  readonly firstWeights: string;
  readonly data: string;
  /** Name and version. */
  readonly engine: string;
  readonly backend: string;
}

const WORDS: Readonly<Record<keyof CheckpointIdentity, string>> = {
  id: 'iteration',
  seed: 'seed',
  network: 'network',
  recipe: 'recipe',
  firstWeights: 'first weights',
  data: 'data',
  engine: 'engine',
  backend: 'backend',
};

export interface Checkpoint {
  /** Rows of the epochs that are done. */
  readonly epochs: readonly Epoch[];
  /** SHA-256 of the weights that were evaluated after each of them. */
  readonly weightsAfter: readonly string[];
  /** That the run has taken so far. */
  readonly seconds: number;
  /** What `engine.loadState` takes. */
  readonly state: Uint8Array;
}

export interface CheckpointPlace {
  readonly folder: string;
  /** True: what is there is not used. */
  readonly fresh?: boolean;
}

/** What was found in the place of a checkpoint; `why`: one line that says why it is not used. */
export type Found = 'none' | { readonly checkpoint: Checkpoint } | { readonly why: string };

const headerSchema = z.strictObject({
  identity: z.record(z.string(), z.union([z.string(), z.number()])),
  epochs: z.array(epochSchema).min(1),
  weightsAfter: z.array(z.string()),
  seconds: z.number().nonnegative(),
});

/** The folder of checkpoints that belong to a folder of records: outside of it, below the working folder, not in git. */
export function checkpointsOf(runs: string): string {
  const place = sha256OfBytes(Buffer.from(path.resolve(runs))).slice(0, 8);
  return path.resolve('.cache', 'checkpoints', `${path.basename(runs)}-${place}`);
}

/** Where the checkpoint of a run lies: one file a run, whatever it was trained with. */
export function checkpointFile(
  folder: string,
  run: { readonly id: string; readonly seed: number; readonly backend: string },
): string {
  const name = recordFile(run.id, run.seed, run.backend).replace(/\.json$/, '.checkpoint');
  return path.join(folder, name);
}

/** Throws GateError, the one before it untouched, where it cannot be written. */
export function writeCheckpoint(file: string, identity: CheckpointIdentity, checkpoint: Checkpoint): void {
  writeWhole(file, checkpointBytes(identity, checkpoint));
}

/** Pure; the inverse of `parseCheckpoint`. */
export function checkpointBytes(
  identity: CheckpointIdentity,
  { epochs, weightsAfter, seconds, state }: Checkpoint,
): Uint8Array {
  const header = JSON.stringify(toPlain({ identity, epochs, weightsAfter, seconds }));
  const body = Buffer.concat([Buffer.from(`${header}\n`), state]);
  return Buffer.concat([Buffer.from(`${MAGIC}\n${sha256OfBytes(body)}\n`), body]);
}

/** The checkpoint in `file`, if it is whole and of this very run. Never throws. */
export function readCheckpoint(file: string, identity: CheckpointIdentity): Found {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'none'
      : { why: `it cannot be read (${messageOf(error)})` };
  }
  return parseCheckpoint(bytes, identity);
}

/** Pure. */
export function parseCheckpoint(bytes: Uint8Array, identity: CheckpointIdentity): Found {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const from = MAGIC.length + 1 + HASH_DIGITS + 1;
  const body = buffer.subarray(from);
  const start = `${MAGIC}\n${sha256OfBytes(body)}\n`;
  if (buffer.subarray(0, from).toString('latin1') !== start) return { why: 'it is torn or was altered' };
  const end = body.indexOf('\n');
  const header = headerSchema.safeParse(parseJson(body.subarray(0, end).toString('utf8')));
  if (!header.success) return { why: 'it has another form than this version writes' };
  const { identity: found, epochs, weightsAfter, seconds } = header.data;
  const others = (Object.keys(WORDS) as (keyof CheckpointIdentity)[]).filter(
    (key) => found[key] !== identity[key],
  );
  if (others.length > 0) {
    return { why: `it is of another ${others.map((key) => WORDS[key]).join(', another ')}` };
  }
  if (epochs.some(({ epoch }, i) => epoch !== i + 1) || weightsAfter.length !== epochs.length) {
    return { why: 'its epochs are not those of one run' };
  }
  return { checkpoint: { epochs, weightsAfter, seconds, state: body.subarray(end + 1) } };
}

/** Once the record is written, or to start anew. */
export function clearCheckpoint(
  folder: string,
  run: { readonly id: string; readonly seed: number; readonly backend: string },
): void {
  const file = checkpointFile(folder, run);
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw new GateError(`${file}: cannot be deleted (${messageOf(error)}). Delete it by hand.`);
  }
}

/**
 * Takes away a checkpoint whose record is there: its process was killed between the two. One with fewer than `epochs` epochs stays:
 * it is of a training that was asked for beside that record, and goes on.
 */
export function clearFinished(
  folder: string,
  run: { readonly id: string; readonly seed: number; readonly backend: string },
  epochs: number,
): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(checkpointFile(folder, run));
  } catch {
    return;
  }
  const [, , json = ''] = bytes.toString('latin1').split('\n', 3);
  const done = headerSchema.safeParse(parseJson(json)).data?.epochs.length ?? 0;
  if (done >= epochs) clearCheckpoint(folder, run);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
