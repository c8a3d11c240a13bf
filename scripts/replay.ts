import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { findMnist } from '../src/data/mnist.ts';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { findIteration, iterations } from '../src/iterations/index.ts';
import { describeReplay, replayOf, type Replay } from '../src/study/replay.ts';
import { parseSeeds } from '../src/study/seeds.ts';
import type { Study } from '../src/study/schema.ts';
import { readStudy, studyFile } from '../src/study/store.ts';
import { RUNS_FOLDER } from '../src/training/store.ts';
import { runScript } from './support/run-script.ts';
import { trainRuns } from './study/train-runs.ts';

const HELP = `Usage: npm run replay -- ITERATION [options]

Trains runs of a study again and compares every figure of every epoch and the hash of the weights after each: the same
seed gives the same bits. Ends with ${ExitCode.missing} and the epoch where they part. Writes nothing.

  ITERATION        ${iterations.map(({ id }) => id).join(', ')}; or its number
  --seed LIST      such as 13 or 1-5,8 (default: every seed of the study)
  --jobs N         processes side by side (default: as many as cores)
  --folder FOLDER  where the study is (default runs/)
  --help           this text`;

await runScript(() => main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv);
  if (values.help) return echo(HELP);
  const iteration = findIteration(positionals[0]!);
  const file = path.join(values.folder ?? RUNS_FOLDER, studyFile(iteration.id, 'wasm'));
  const study = readStudy(file);
  if (study === undefined) {
    throw new GateError(`${file}: there is no study to replay.`, ExitCode.missing);
  }
  const seeds = values.seed === undefined ? study.runs.map(({ seed }) => seed) : parseSeeds(values.seed);
  const absent = seeds.filter((seed) => !study.runs.some((run) => run.seed === seed));
  if (absent.length > 0) {
    throw new GateError(`${file}: it has no run of seed ${absent.join(', ')}.`, ExitCode.missing);
  }
  if ((await findMnist()) === undefined) {
    throw new GateError('There is no MNIST at hand: set MNIST_DIR or run `npm run mnist`.');
  }
  const jobs = Number(values.jobs ?? Math.min(seeds.length, availableParallelism()));
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new GateError(`--jobs is "${values.jobs}", expected 1 or more.`);
  const replays: Replay[] = [];
  const { failures } = await trainRuns({
    iteration,
    seeds,
    finals: [],
    jobs,
    whole: [],
    onRun: ({ head, run }) => replays.push(replayOf(study, head.fingerprint, run)),
  });
  report(study, replays, failures);
}

function report(
  study: Study,
  replays: readonly Replay[],
  failures: readonly { readonly seed: number }[],
): void {
  for (const each of replays.toSorted((a, b) => a.seed - b.seed)) echo(describeReplay(each));
  const same = replays.filter(({ parting }) => parting === undefined).length;
  echo(`${same} of ${study.runs.length} runs replayed, to the bit`);
  const wrong = replays.filter(({ parting }) => parting !== undefined);
  if (wrong.length > 0) {
    throw new GateError(
      `${wrong.length} of ${replays.length} runs came out otherwise than recorded: ${wrong.map(describeReplay).join('; ')}. Restore runs/ with git, or train the study anew.`,
      ExitCode.missing,
    );
  }
  if (failures.length > 0) {
    throw new GateError(`Seeds that failed: ${failures.map(({ seed }) => seed).join(', ')}.`);
  }
}

function readArguments(argv: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        jobs: { type: 'string' },
        folder: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (parsed.values.help || parsed.positionals.length === 1) return parsed;
    throw new Error(`expected one iteration, found ${parsed.positionals.length}`);
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`, ExitCode.infrastructure);
  }
}
