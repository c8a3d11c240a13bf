import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { selectBackend } from '../backend/select.ts';
import { MNIST_SHA256 } from '../data/mnist.ts';
import { findIteration } from '../iterations/index.ts';
import type { Iteration } from '../iterations/define.ts';
import { promisedLine } from '../gates/promised-line.ts';
import { compareStudies, describeComparison } from '../study/against.ts';
import { fingerprintNow } from '../study/fingerprint.ts';
import { mergeStudies } from '../study/merge.ts';
import type { Study } from '../study/schema.ts';
import { DECLARED_SEEDS, describeSeeds, parseSeeds } from '../study/seeds.ts';
import { readStudy, sealStudy, studyFile, studyFilesBelow, writeStudy } from '../study/store.ts';
import { describeSummary, finalAccuracies, summarizeStudy } from '../study/summarize.ts';
import { checkpointsOf, clearCheckpoint, clearFinished } from '../training/checkpoint.ts';
import { FIRST_SEED } from '../training/evidence.ts';
import { readRecords, readWeights, RUNS_FOLDER, writeRun } from '../training/store.ts';
import type { RunDone } from '../study/messages.ts';
import { trainRuns } from '../study/train-runs.ts';
import { demandMnist, ITERATION_HELP, jobsFor, jobsOption } from './options.ts';
import { lockIn } from './specs.ts';

/** The same bits on every machine. */
const BACKEND = 'wasm';

export const study = new Command('study')
  .usage('ITERATION [options]\n       codecodecode study --merge FOLDER')
  .description(
    `Trains one iteration with several seeds, a process a core, and writes runs/ITERATION.study.json, and for seed ${FIRST_SEED} the full record and weights. Seeds that are done are not trained again, and those that were interrupted go on after their last whole epoch: the same command again.`,
  )
  .argument('[iteration]', ITERATION_HELP)
  .option('--seeds <list>', 'such as 1-20 or 1,2,5-8', DECLARED_SEEDS)
  .option(...jobsOption)
  .option(
    '--fresh',
    'train all of them, also those that are done, and none from where it was interrupted',
    false,
  )
  .option('--folder <folder>', 'where studies are read and written (default: runs)')
  .option('--against <file>', 'compare with that study: paired by seed, and image by image')
  .option(
    '--merge <folder>',
    'put together the studies that lie in the folder and below, such as the slices of a matrix',
  )
  .action(
    ending(async (wanted, options) => {
      const folder = options.folder === undefined ? RUNS_FOLDER : path.resolve(options.folder);
      if (options.merge !== undefined) {
        if (wanted === undefined) return merge(path.resolve(options.merge), folder);
        throw new GateError('--merge takes no iteration: it merges every study in its folder.');
      }
      if (wanted === undefined) {
        throw new GateError(`Which iteration? Expected ${ITERATION_HELP}, or --merge FOLDER.`);
      }
      const seeds = parseSeeds(options.seeds);
      await trainStudy(findIteration(wanted), {
        seeds,
        jobs: jobsFor(options.jobs, seeds.length),
        folder,
        fresh: options.fresh,
        against: options.against,
      });
    }),
  );

interface StudyRequest {
  readonly seeds: readonly number[];
  readonly jobs: number;
  readonly folder: string;
  readonly fresh: boolean;
  readonly against: string | undefined;
}

async function trainStudy(iteration: Iteration, request: StudyRequest): Promise<void> {
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

function describeStudy(study: Study, file: string): string {
  const targets = lockIn('.')?.targets ?? [];
  const own = targets.filter(({ iteration }) => iteration === study.id);
  const line = promisedLine(own, targets);
  return `${file}: ${describeSummary(summarizeStudy(study, line), line)}`;
}

/** The study beside an earlier one of any iteration; throws where they have nothing in common. */
function describeAgainst(study: Study, file: string): string {
  const base = readStudy(file);
  const comparison = base && compareStudies(base, study);
  if (comparison) return `against ${file}: ${describeComparison(comparison)}`;
  throw new GateError(`${file}: no study of a same seed and the same test images.`, ExitCode.missing);
}

/** Of each iteration the slices that lie in `from` or below it become one study; full records beside them come along. */
function merge(from: string, folder: string): void {
  const files = studyFilesBelow(from);
  const slices = files.map((file) => readStudy(file)!);
  if (slices.length === 0) {
    throw new GateError(`${from}: there is no study in it. Look at what made the slices.`, ExitCode.missing);
  }
  for (const id of new Set(slices.map((slice) => slice.id))) {
    const merged = mergeStudies(slices.filter((slice) => slice.id === id));
    for (const place of new Set(files.map((file) => path.dirname(file)))) {
      for (const record of readRecords(place, id, BACKEND)) {
        writeRun(folder, record, readWeights(place, record));
      }
    }
    print(describeStudy(merged, writeStudy(folder, merged)));
  }
}
