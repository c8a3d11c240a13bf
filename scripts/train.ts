import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MultiBar, Presets } from 'cli-progress';
import { echo } from 'zx';
import { selectBackend } from '../src/backend/select.ts';
import { type Dataset, slice } from '../src/data/dataset.ts';
import { loadMnist } from '../src/data/mnist.ts';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { findIteration, iterations } from '../src/iterations/index.ts';
import { SHARDS } from '../src/engine/native/lanes.ts';
import { describeFact, percent } from '../src/record.ts';
import { lineProgress } from '../src/training/progress.ts';
import { run } from '../src/training/run.ts';
import { RUNS_FOLDER, writeRun } from '../src/training/store.ts';
import type { Progress } from '../src/training/train.ts';
import { runScript } from './support/run-script.ts';

const HELP = `Usage: npm run train -- ITERATION [options]

Trains one iteration on MNIST and writes its record and weights to runs/.

  ITERATION         ${iterations.map(({ id }) => id).join(', ')}; or its number
  --seed N          seed of everything random (default 1)
  --threads N       cores to use, 1 to 4 (default: all there are); the result is the same to the bit
  --backend NAME    node, wasm or cpu (default: the first that loads)
  --validate        train on the first 50,000 training images, measure on the last 10,000, write nothing:
                    for choosing a recipe without looking at the test images
  --help            this text`;

const VALIDATION_IMAGES = 10_000;

await runScript(() => main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv);
  if (values.help) return echo(HELP);
  const iteration = findIteration(positionals[0]!);
  const seed = wholeNumber('--seed', values.seed, 0, 2 ** 31 - 1);
  const threads = wholeNumber(
    '--threads',
    values.threads ?? String(Math.min(SHARDS, availableParallelism())),
    1,
    SHARDS,
  );
  const backend = await selectBackend({ force: values.backend ?? process.env['GATE_BACKEND'] });
  echo(`${iteration.id}: ${iteration.concept}; backend ${backend.name} (${backend.reason})`);
  const mnist = await loadMnist();
  const data = values.validate ? validationSplit(mnist) : mnist;
  const progress = process.stderr.isTTY
    ? barProgress(iteration.recipe.epochs)
    : lineProgress(iteration.id, iteration.recipe.epochs);
  const { record, weights } = await run({ iteration, data, backend, seed, threads, progress });
  const last = record.epochs.at(-1)!;
  const test = percent(last.testCorrect, last.testTotal).toFixed(2);
  echo(
    `${test} % after ${last.epoch} epochs, ${describeFact(record.model.parameters)} parameters, ${record.seconds.toFixed(1)} s`,
  );
  if (values.validate) return echo('Measured on the validation split; nothing was written.');
  echo(`Wrote ${writeRun(RUNS_FOLDER, record, weights)}`);
}

function readArguments(argv: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seed: { type: 'string', default: '1' },
        threads: { type: 'string' },
        backend: { type: 'string' },
        validate: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (parsed.values.help || parsed.positionals.length === 1) return parsed;
    throw new Error(`expected one iteration, found ${parsed.positionals.length}`);
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`, ExitCode.infrastructure);
  }
}

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new GateError(`${name} is "${text}", expected a whole number from ${low} to ${high}.`);
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

/** A bar with the time left, the last epoch's figures beside it. */
function barProgress(epochs: number): Progress {
  const bars = new MultiBar(
    { format: '{bar} {percentage} %  {eta_formatted} left  {figures}', hideCursor: true, etaBuffer: 1000 },
    Presets.shades_classic,
  );
  let bar: ReturnType<MultiBar['create']> | undefined;
  const lines = lineProgress('', epochs, (line) => {
    bar?.update({ figures: line.trim() });
  });
  return {
    onStep(done, total) {
      bar ??= bars.create(total, 0, { figures: '' });
      // Drawing is slow beside a step of a few milliseconds.
      if (done % 20 === 0 || done === total) bar.update(done);
      if (done === total) setTimeout(() => bars.stop(), 0);
    },
    onEpoch: lines.onEpoch,
  };
}
