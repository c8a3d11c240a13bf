import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import type { Iteration } from '../iterations/define.ts';
import { findIteration } from '../iterations/index.ts';
import { describeReplay, replayOf, type Replay } from '../study/replay.ts';
import { parseSeeds } from '../study/seeds.ts';
import type { Study } from '../study/schema.ts';
import { readStudy, studyFile } from '../study/store.ts';
import { RUNS_FOLDER } from '../training/store.ts';
import { trainRuns } from '../study/train-runs.ts';
import { demandMnist, ITERATION_HELP, jobsFor, jobsOption } from './options.ts';

export const replay = new Command('replay')
  .description(
    `Trains runs of a study again and compares every figure of every epoch and the hash of the weights after each: the same seed gives the same bits. Ends with ${ExitCode.missing} and the epoch where they part. Writes nothing.`,
  )
  .argument('<iteration>', ITERATION_HELP)
  .option('--seed <list>', 'such as 13 or 1-5,8 (default: every seed of the study)')
  .option(...jobsOption)
  .option('--folder <folder>', 'where the study is (default: runs)')
  .action(
    ending(async (wanted, { seed, jobs, folder = RUNS_FOLDER }) =>
      replaySeeds(findIteration(wanted), { wanted: seed, jobs, folder }),
    ),
  );

interface Request {
  /** As typed; undefined: every seed of the study. */
  readonly wanted: string | undefined;
  readonly jobs: number | undefined;
  readonly folder: string;
}

async function replaySeeds(iteration: Iteration, { wanted, jobs, folder }: Request): Promise<void> {
  const file = path.join(folder, studyFile(iteration.id, 'wasm'));
  const study = readStudy(file);
  if (study === undefined) {
    throw new GateError(`${file}: there is no study to replay.`, ExitCode.missing);
  }
  const seeds = wanted === undefined ? study.runs.map(({ seed }) => seed) : parseSeeds(wanted);
  const absent = seeds.filter((seed) => !study.runs.some((run) => run.seed === seed));
  if (absent.length > 0) {
    throw new GateError(`${file}: it has no run of seed ${absent.join(', ')}.`, ExitCode.missing);
  }
  await demandMnist();
  const replays: Replay[] = [];
  const { failures } = await trainRuns({
    iteration,
    seeds,
    finals: [],
    jobs: jobsFor(jobs, seeds.length),
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
  for (const each of replays.toSorted((a, b) => a.seed - b.seed)) print(describeReplay(each));
  const same = replays.filter(({ parting }) => parting === undefined).length;
  print(`${same} of ${study.runs.length} runs replayed, to the bit`);
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
