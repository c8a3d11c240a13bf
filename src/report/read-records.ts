import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GateError } from '../errors.ts';
import { runRecordSchema } from '../record.ts';
import type { Target } from '../gates/verdict.ts';
import type { RunRecord } from '../record.ts';
import { describeEvidence } from './summary.ts';
import type { Described } from './summary.ts';

/** Every record of a folder and the folders in it, in the order of iteration, then seed. Throws on a file that is none. */
export async function readRecords(folder: string): Promise<RunRecord[]> {
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.json') && !file.endsWith('.study.json'),
  );
  const records = await Promise.all(files.map((file) => readRecord(join(folder, file))));
  return records.toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }) || a.seed - b.seed);
}

/** One record an iteration: that of `backend` with the lowest seed. `records` are in the order of `readRecords`. */
export function onePerIteration(records: readonly RunRecord[], backend: string): RunRecord[] {
  const own = records.filter((record) => record.backend.name === backend);
  return own.filter((record, i) => own.findIndex(({ id }) => id === record.id) === i);
}

/**
 * Iterations as the reports take them, each from its runs (one a seed, the full record first), with what is promised. Nothing is
 * measured: the records say what they say.
 */
export function describeRuns(
  iterations: readonly (readonly [RunRecord, ...RunRecord[]])[],
  targets: readonly Target[],
): Described[] {
  return iterations.map((runs) => {
    const [{ id, name }] = runs;
    const evidence = { id, name, runs, provenance: 'recorded', note: '' } as const;
    return describeEvidence(
      evidence,
      targets.filter(({ iteration }) => iteration === id),
    );
  });
}

async function readRecord(file: string): Promise<RunRecord> {
  try {
    return runRecordSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new GateError(
      `${file} is not a run record: ${what}\nTake it from the last commit, or train that iteration anew.`,
    );
  }
}
