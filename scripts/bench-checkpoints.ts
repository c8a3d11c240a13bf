import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { echo } from 'zx';
import { selectBackend } from '../src/backend/select.ts';
import { wholeNumber } from '../src/cli/arguments.ts';
import { ending, runCommand } from '../src/cli/run.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { loadMnist } from '../src/data/mnist.ts';
import { ExitCode } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import type { Iteration } from '../src/iterations/define.ts';
import { SHARDS } from '../src/engine/native/lanes.ts';
import { findIteration } from '../src/iterations/index.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import type { CheckpointPlace } from '../src/training/checkpoint.ts';
import { run } from '../src/training/run.ts';
import { medianOf } from './bench/statistics.ts';

const DOCUMENT = 'docs/durability.md';
const SEED = 1;
/** Of an epoch, per cent. */
const MOST = 1;

const bench = new Command('bench:checkpoints')
  .description(
    `Trains an iteration on MNIST with checkpoints and without, and says how much of an epoch's time a checkpoint takes. What comes after an epoch is timed beside the epoch it comes after, in the same run, so that a busy machine slows both. Exit code 1 where it is more than ${MOST} %.`,
  )
  .argument('[iteration]', 'number or id', '5')
  .option('--epochs <n>', 'of each run; the first one is not timed', wholeNumber('--epochs', 2, 100), 3)
  .option('--docs', `write the figure into ${DOCUMENT}`, false)
  .action(ending(main));

await runCommand(bench, process.argv.slice(2));

interface Options {
  readonly epochs: number;
  readonly docs: boolean;
}

async function main(wanted: string, { epochs, docs }: Options): Promise<ExitCode> {
  const { recipe, ...rest } = findIteration(wanted);
  const iteration = { ...rest, recipe: { ...recipe, epochs } };
  const data = await loadMnist();
  const folder = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  try {
    const kept = await timesOf(iteration, data, { folder, fresh: true });
    const unkept = await timesOf(iteration, data);
    const share = 100 * (medianOf(kept.shares) - medianOf(unkept.shares));
    const told = `An epoch of ${iteration.id} takes ${share.toFixed(3)} % more with checkpoints (medians of ${epochs - 1} each, of ${medianOf(kept.seconds).toFixed(1)} s with and ${medianOf(unkept.seconds).toFixed(1)} s without).`;
    echo(told);
    if (share > MOST) return ExitCode.targetFailed;
    if (docs) {
      writeWhole(DOCUMENT, betweenMarkers(DOCUMENT, await readFile(DOCUMENT, 'utf8'), told, 'checkpoints'));
    }
    return ExitCode.ok;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Times {
  /** Of each epoch alone, but the first. */
  readonly seconds: readonly number[];
  /** What came between each of them and the word that it is over, as a share of it. */
  readonly shares: readonly number[];
}

async function timesOf(iteration: Iteration, data: Dataset, checkpoints?: CheckpointPlace): Promise<Times> {
  const backend = await selectBackend({ force: 'wasm' });
  const seconds: number[] = [];
  const shares: number[] = [];
  let before: number | undefined;
  await run({
    iteration,
    data,
    backend,
    seed: SEED,
    threads: Math.min(SHARDS, availableParallelism()),
    progress: {
      onStep: () => undefined,
      onEpoch(epoch) {
        const now = performance.now();
        if (before !== undefined) {
          seconds.push(epoch.seconds);
          shares.push((now - before) / 1000 / epoch.seconds - 1);
        }
        before = now;
      },
    },
    ...(checkpoints && { checkpoints }),
  });
  return { seconds, shares };
}
