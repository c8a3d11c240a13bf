import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GateError } from '../errors.ts';
import { runRecordSchema } from '../record.ts';
import type { Target } from '../gates/verdict.ts';
import type { RunRecord } from '../record.ts';
import { recordsOf } from '../study/expand.ts';
import { readStudy, studyFile } from '../study/store.ts';
import { describeEvidence } from './summary.ts';
import type { Described } from './summary.ts';
import { commandLine } from '../command-line.ts';

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

/** The runs of an iteration, the full record first; what `note` says, a person should know. */
export interface Runs {
  readonly runs: readonly [RunRecord, ...RunRecord[]];
  readonly note?: string;
}

/**
 * The record's run, then those of the study in `folder`, by seed. A study of another network, recipe or data than the record's is not
 * taken, and the note says so. Throws GateError for a study that cannot be read or was changed by hand.
 */
export function withStudy(record: RunRecord, folder: string): Runs {
  const file = join(folder, studyFile(record.id, record.backend.name));
  const study = readStudy(file);
  if (study === undefined) return { runs: [record] };
  if (study.fingerprint !== record.fingerprint) {
    const what = 'it is of another network, recipe, data or engine than the record beside it';
    return { runs: [record], note: `${file} is left out: ${what}. Train it anew: ${commandLine('study')}.` };
  }
  return { runs: [record, ...recordsOf(study, record).filter(({ seed }) => seed !== record.seed)] };
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
      targets,
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
