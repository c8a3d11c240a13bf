import path from 'node:path';
import { selectBackend } from '../backend/select.ts';
import { print } from '../cli/terminal.ts';
import { MNIST_SHA256 } from '../data/mnist.ts';
import { ExitCode, GateError } from '../errors.ts';
import { promisedLineOf } from '../gates/promised-line.ts';
import type { Iteration } from '../iterations/define.ts';
import { compareStudies, describeComparison } from '../study/against.ts';
import { fingerprintNow } from '../study/fingerprint.ts';
import type { RunDone } from '../study/messages.ts';
import type { Study } from '../study/schema.ts';
import { describeSeeds } from '../study/seeds.ts';
import { readStudy, sealStudy, studyFile, writeStudy } from '../study/store.ts';
import { describeSummary, finalAccuracies, summarizeStudy } from '../study/summarize.ts';
import { trainRuns } from '../study/train-runs.ts';
import { checkpointsOf, clearCheckpoint, clearFinished } from '../training/checkpoint.ts';
import { FIRST_SEED } from '../training/evidence.ts';
import { readRecords, writeRun } from '../training/store.ts';
import { demandMnist } from './options.ts';
import { lockIn } from './specs.ts';

/** Of the records and studies that are evidence: the same bits on every machine. */
export const BACKEND = 'wasm';

export interface StudyRequest {
  readonly seeds: readonly number[];
  readonly jobs: number;
  readonly folder: string;
  readonly fresh: boolean;
  /** A study to compare with. */
  readonly against?: string | undefined;
}

/**
 * Trains what the study of an iteration lacks, a process a core, and writes it and the full record of the first seed. Throws GateError
 * where runs failed; the others are written.
 */
export async function trainStudy(iteration: Iteration, request: StudyRequest): Promise<void> {
  const { seeds, jobs, folder, fresh, against } = request;
  const backend = await selectBackend({ force: BACKEND });
  const fingerprint = fingerprintNow(iteration, backend, MNIST_SHA256);
  const file = path.join(folder, studyFile(iteration.id, BACKEND));
  const found = readUnlessDamaged(file, fresh);
  let current = found?.fingerprint === fingerprint ? found : undefined;
  if (found && !current)
    print(`${file} is of another network, recipe, data or engine: it will be written anew.`);
  const hasRecord = readRecords(folder, iteration.id, BACKEND).some(
    (record) => record.seed === FIRST_SEED && record.fingerprint === fingerprint,
  );
  const isDone = (seed: number) =>
    !fresh && current?.runs.some((run) => run.seed === seed) === true && (seed !== FIRST_SEED || hasRecord);
  const left = seeds.filter((seed) => !isDone(seed));
  print(`${iteration.id}: seeds ${describeSeeds(seeds)}; ${left.length} to train, ${jobs} side by side`);
  if (left.length > 0) await demandMnist();
  const checkpoints = { folder: checkpointsOf(folder), fresh };
  const onRun = (done: RunDone) => {
    if (done.whole) writeRun(folder, done.whole.record, done.whole.weights);
    current = withRun(current, done);
    writeStudy(folder, current);
    clearCheckpoint(checkpoints.folder, { id: iteration.id, seed: done.run.seed, backend: BACKEND });
  };
  for (const seed of seeds.filter(isDone)) {
    clearFinished(checkpoints.folder, { id: iteration.id, seed, backend: BACKEND }, iteration.recipe.epochs);
  }
  const finals = finalsOf(current, seeds);
  const options = { iteration, seeds: left, finals, jobs, whole: [FIRST_SEED], onRun, checkpoints };
  const { failures, seconds, share } = await trainRuns(options);
  if (left.length > 0) {
    const cores = `${(100 * share).toFixed(0)} % of ${jobs} ${jobs === 1 ? 'core' : 'cores'}`;
    print(`${left.length - failures.length} runs in ${(seconds / 60).toFixed(1)} min, ${cores}`);
  }
  if (current) print(describeStudy(current, file));
  if (current && against !== undefined) print(describeAgainst(current, against));
  if (failures.length > 0) {
    const list = failures.map(({ seed, message }) => `seed ${seed} (${message})`).join('; ');
    throw new GateError(
      `${failures.length} of ${left.length} runs failed: ${list}. The others are written; the same command trains these again.`,
    );
  }
}

/** A damaged study is an error, but where it is to be trained anew anyway. */
function readUnlessDamaged(file: string, fresh: boolean): Study | undefined {
  try {
    return readStudy(file);
  } catch (error) {
    if (fresh && error instanceof GateError) return undefined;
    throw error;
  }
}

function withRun(study: Study | undefined, { head, run }: RunDone): Study {
  const others = study?.runs.filter(({ seed }) => seed !== run.seed) ?? [];
  return sealStudy({ ...head, runs: [...others, run] });
}

function finalsOf(study: Study | undefined, seeds: readonly number[]): number[] {
  return study ? finalAccuracies(study).filter((_, i) => seeds.includes(study.runs[i]!.seed)) : [];
}

/** One line: how the runs spread, and how many of them hold the line. */
export function describeStudy(study: Study, file: string): string {
  const line = promisedLineOf(study.id, lockIn('.')?.targets ?? []);
  return `${file}: ${describeSummary(summarizeStudy(study, line), line)}`;
}

/** The study beside an earlier one of any iteration; throws where they have nothing in common. */
function describeAgainst(study: Study, file: string): string {
  const base = readStudy(file);
  const comparison = base && compareStudies(base, study);
  if (comparison) return `against ${file}: ${describeComparison(comparison)}`;
  throw new GateError(`${file}: no study of a same seed and the same test images.`, ExitCode.missing);
}
