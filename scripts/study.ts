import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { selectBackend } from '../src/backend/select.ts';
import { findMnist, MNIST_SHA256 } from '../src/data/mnist.ts';
import { findIteration, iterations } from '../src/iterations/index.ts';
import type { Iteration } from '../src/iterations/define.ts';
import { CONSISTENT_AT } from '../src/report/summary.ts';
import { compareStudies, describeComparison } from '../src/study/against.ts';
import { fingerprintNow } from '../src/study/fingerprint.ts';
import { mergeStudies } from '../src/study/merge.ts';
import type { Study } from '../src/study/schema.ts';
import { DECLARED_SEEDS, describeSeeds, parseSeeds } from '../src/study/seeds.ts';
import { readStudy, sealStudy, studyFile, studyFilesBelow, writeStudy } from '../src/study/store.ts';
import { describeSummary, finalAccuracies, summarizeStudy } from '../src/study/summarize.ts';
import { FIRST_SEED } from '../src/training/evidence.ts';
import { readRecords, readWeights, RUNS_FOLDER, writeRun } from '../src/training/store.ts';
import { runScript } from './support/run-script.ts';
import type { RunDone } from './study/messages.ts';
import { trainRuns } from './study/train-runs.ts';

const HELP = `Usage: npm run study -- ITERATION [options]
       npm run study -- --merge FOLDER

Trains one iteration with several seeds, a process a core, and writes runs/ITERATION.study.json, and for seed ${FIRST_SEED}
the full record and weights. Seeds that are done are not trained again: start it anew after an interruption.

  ITERATION        ${iterations.map(({ id }) => id).join(', ')}; or its number
  --seeds LIST     such as 1-20 or 1,2,5-8 (default ${DECLARED_SEEDS})
  --jobs N         processes side by side (default: as many as cores)
  --fresh          train all of them, also those that are done
  --folder FOLDER  where studies are read and written (default runs/)
  --against FILE   compare with that study: paired by seed, and image by image
  --merge FOLDER   put together the studies that lie in FOLDER and below, such as the slices of a matrix
  --help           this text`;

/** The same bits on every machine. */
const BACKEND = 'wasm';

await runScript(() => main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv);
  if (values.help) return echo(HELP);
  const folder = values.folder === undefined ? RUNS_FOLDER : path.resolve(values.folder);
  if (values.merge !== undefined) return merge(path.resolve(values.merge), folder);
  const seeds = parseSeeds(values.seeds);
  const jobs = jobsOf(values.jobs, seeds.length);
  await study(findIteration(positionals[0]!), {
    seeds,
    jobs,
    folder,
    fresh: values.fresh,
    against: values.against,
  });
}

interface StudyRequest {
  readonly seeds: readonly number[];
  readonly jobs: number;
  readonly folder: string;
  readonly fresh: boolean;
  readonly against: string | undefined;
}

async function study(iteration: Iteration, request: StudyRequest): Promise<void> {
  const { seeds, jobs, folder, fresh, against } = request;
  const backend = await selectBackend({ force: BACKEND });
  const fingerprint = fingerprintNow(iteration, backend, MNIST_SHA256);
  const file = path.join(folder, studyFile(iteration.id, BACKEND));
  const found = readUnlessDamaged(file, fresh);
  let current = found?.fingerprint === fingerprint ? found : undefined;
  if (found && !current)
    echo(`${file} is of another network, recipe, data or engine: it will be written anew.`);
  const hasRecord = readRecords(folder, iteration.id, BACKEND).some(
    (record) => record.seed === FIRST_SEED && record.fingerprint === fingerprint,
  );
  const isDone = (seed: number) =>
    !fresh && current?.runs.some((run) => run.seed === seed) === true && (seed !== FIRST_SEED || hasRecord);
  const left = seeds.filter((seed) => !isDone(seed));
  echo(`${iteration.id}: seeds ${describeSeeds(seeds)}; ${left.length} to train, ${jobs} side by side`);
  if (left.length > 0 && (await findMnist()) === undefined) {
    throw new GateError('There is no MNIST at hand: set MNIST_DIR or run `npm run mnist`.');
  }
  const onRun = (done: RunDone) => {
    if (done.whole) writeRun(folder, done.whole.record, done.whole.weights);
    current = withRun(current, done);
    writeStudy(folder, current);
  };
  const finals = finalsOf(current, seeds);
  const options = { iteration, seeds: left, finals, jobs, whole: [FIRST_SEED], onRun };
  const { failures, seconds, share } = await trainRuns(options);
  if (left.length > 0) {
    const cores = `${(100 * share).toFixed(0)} % of ${jobs} ${jobs === 1 ? 'core' : 'cores'}`;
    echo(`${left.length - failures.length} runs in ${(seconds / 60).toFixed(1)} min, ${cores}`);
  }
  if (current) echo(describeStudy(current, file));
  if (current && against !== undefined) echo(describeAgainst(current, against));
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
  return `${file}: ${describeSummary(summarizeStudy(study, CONSISTENT_AT), CONSISTENT_AT)}`;
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
    echo(describeStudy(merged, writeStudy(folder, merged)));
  }
}

function jobsOf(text: string | undefined, runs: number): number {
  if (text === undefined) return Math.min(runs, availableParallelism());
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 64) return jobs;
  throw new GateError(`--jobs is "${text}", expected a whole number from 1 to 64.`);
}

function readArguments(argv: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seeds: { type: 'string', default: DECLARED_SEEDS },
        jobs: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        folder: { type: 'string' },
        merge: { type: 'string' },
        against: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const wanted = parsed.values.merge === undefined ? 1 : 0;
    if (parsed.values.help || parsed.positionals.length === wanted) return parsed;
    throw new Error(
      wanted === 1
        ? `expected one iteration, found ${parsed.positionals.length}`
        : '--merge takes no iteration: it merges every study in its folder',
    );
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`, ExitCode.infrastructure);
  }
}
