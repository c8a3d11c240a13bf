import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command } from '@commander-js/extra-typings';
import { type Backend, backendChoices, selectBackend } from '../backend/select.ts';
import { type Dataset, slice } from '../data/dataset.ts';
import { loadMnist } from '../data/mnist.ts';
import { oneOf, wholeNumber } from '../cli/arguments.ts';
import { ending } from '../cli/run.ts';
import { ExitCode } from '../errors.ts';
import { print } from '../cli/terminal.ts';
import type { Iteration } from '../iterations/define.ts';
import { findIteration } from '../iterations/index.ts';
import { SHARDS } from '../engine/native/lanes.ts';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import type { Target } from '../gates/verdict.ts';
import { describeFact, percent } from '../record.ts';
import { trainingVerdict } from '../report/training-verdict.ts';
import { checkpointsOf, clearCheckpoint } from '../training/checkpoint.ts';
import { run } from '../training/run.ts';
import { isWritten, RUNS_FOLDER, writeRun } from '../training/store.ts';
import { trainingDisplay } from '../training/terminal-progress.ts';
import { freshOption, ITERATION_HELP } from './options.ts';
import { commandLine } from '../command-line.ts';

const VALIDATION_IMAGES = 10_000;
const LARGEST_SEED = 2 ** 31 - 1;

export const train = new Command('train')
  .description('Trains one iteration on MNIST and writes its record and weights to runs/.')
  .argument('<iteration>', ITERATION_HELP)
  .option('--seed <n>', 'seed of everything random', wholeNumber('--seed', 0, LARGEST_SEED), 1)
  .option(
    '--threads <n>',
    `cores to use, 1 to ${SHARDS}; the result is the same to the bit (default: all there are)`,
    wholeNumber('--threads', 1, SHARDS),
  )
  .option(
    '--backend <name>',
    `${backendChoices.join(', ')} (default: GATE_BACKEND, else the first that loads)`,
    oneOf('--backend', backendChoices),
  )
  .option(
    '--validate',
    'train on the first 50,000 training images, measure on the last 10,000, write nothing: for choosing a recipe without looking at the test images',
  )
  .option(...freshOption)
  .action(
    ending(async (wanted, { seed, threads, backend, validate, fresh }) => {
      const iteration = findIteration(wanted);
      return trainOne(iteration, {
        seed,
        threads: threads ?? Math.min(SHARDS, availableParallelism()),
        backend: await selectBackend(
          backend
            ? { force: backend, asked: `--backend ${backend}` }
            : { force: process.env['GATE_BACKEND'] },
        ),
        validate: validate === true,
        fresh,
      });
    }),
  );

interface Request {
  readonly seed: number;
  readonly threads: number;
  readonly backend: Backend;
  readonly validate: boolean;
  readonly fresh: boolean;
}

/** A run that diverged meets no target, whatever is promised. */
async function trainOne(iteration: Iteration, request: Request): Promise<ExitCode> {
  const { seed, threads, backend, validate, fresh } = request;
  print(`${iteration.id}: ${iteration.concept}; backend ${backend.name} (${backend.reason})`);
  const mnist = await loadMnist();
  const data = validate ? validationSplit(mnist) : mnist;
  const measured = validate ? 'validation' : 'test';
  const progress = trainingDisplay({ name: iteration.id, epochs: iteration.recipe.epochs, measured });
  const checkpoints = { folder: checkpointsOf(validate ? 'validation' : RUNS_FOLDER), fresh };
  const { record, weights } = await run({
    iteration,
    data,
    backend,
    seed,
    threads,
    progress,
    checkpoints,
  }).finally(() => progress.end());
  const last = record.epochs.at(-1)!;
  const share = percent(last.testCorrect, last.testTotal).toFixed(2);
  print(
    `${share} % of the ${measured} images after ${last.epoch} epochs, ${describeFact(record.model.parameters)} parameters, ${record.seconds.toFixed(1)} s`,
  );
  if (record.diverged !== undefined) print(`${iteration.id}: ${record.diverged}.`);
  const ended = record.diverged === undefined ? ExitCode.ok : ExitCode.targetFailed;
  const clear = () => clearCheckpoint(checkpoints.folder, { id: iteration.id, seed, backend: backend.name });
  if (validate) {
    clear();
    const number = iteration.id.split('-', 1)[0];
    print(
      `Nothing was written, and targets speak of the test images. Next: ${commandLine(`train ${number}`)}`,
    );
    return ended;
  }
  const again = isWritten(RUNS_FOLDER, record);
  const file = writeRun(RUNS_FOLDER, record, weights);
  print(again ? `${file} says the same to the bit, and is left as it is.` : `Wrote ${file}`);
  clear();
  print(trainingVerdict(record, await lockedTargets()));
  return ended;
}

/** What the specs promise; none where no lock was written yet. */
async function lockedTargets(): Promise<readonly Target[]> {
  return existsSync(LOCK_FILE) ? parseLock(await readFile(LOCK_FILE, 'utf8'), LOCK_FILE).targets : [];
}

/** The first 50,000 training images to learn from and the last 10,000 to measure on; the test images stay unseen. */
function validationSplit(mnist: Dataset): Dataset {
  const from = mnist.train.count - VALIDATION_IMAGES;
  return {
    ...mnist,
    name: 'mnist-validation',
    train: slice(mnist.train, 0, from),
    test: slice(mnist.train, from, mnist.train.count),
  };
}
