import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { selectBackend } from '../backend/select.ts';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { loadMnist } from '../data/mnist.ts';
import { ExitCode, GateError } from '../errors.ts';
import { compareTargets } from '../gates/loosening.ts';
import type { Iteration } from '../iterations/define.ts';
import { findIteration, iterations } from '../iterations/index.ts';
import type { RunRecord } from '../record.ts';
import { RESULTS } from '../report/documents.ts';
import { describeRenewedRecord, describeTargetChange } from '../report/renewed.ts';
import { describeSeeds, parseSeeds } from '../study/seeds.ts';
import { checkpointsOf } from '../training/checkpoint.ts';
import { planRenewal, renewRecords } from '../training/renew.ts';
import { readRecords, RUNS_FOLDER } from '../training/store.ts';
import { trainingDisplay } from '../training/terminal-progress.ts';
import { freshOption, ITERATION_HELP, jobsFor, jobsOption, refuseInCi } from './options.ts';
import { lockIn, lockSpecs, runVitest } from './specs.ts';
import { writeDocuments } from './summary.ts';
import { BACKEND, trainStudy } from './train-study.ts';
import { commandLine } from '../command-line.ts';

/** Of Vitest: it declares the targets. */
const PROJECT = 'networks';

export const bless = new Command('bless')
  .description(
    "Accepts the networks, recipes and targets as they stand in the source: says what no longer fits and why, trains it on all cores (of the iterations named, else of all; where the lock declares seeds, with each of them), writes the lock of targets from the specs and the README from the records, and ends with the gate's verdict and exit code. Look at the difference, then commit it with the change that caused it. Refused with CI set: what is promised and what counts as evidence is changed by people.",
  )
  .argument('[iterations...]', ITERATION_HELP)
  .option('--seeds <list>', 'declare that the named iterations are judged on these seeds, such as 1-20')
  .option(...jobsOption)
  .option(...freshOption)
  .action(ending(blessIterations));

interface Wish {
  readonly fresh: boolean;
  readonly seeds?: string | undefined;
  readonly jobs?: number | undefined;
}

async function blessIterations(
  wanted: readonly string[],
  { fresh, seeds: newSeeds, jobs }: Wish,
): Promise<ExitCode> {
  refuseInCi(
    `Records are not blessed with CI set: run "${commandLine('bless')}" on your machine, look at the difference and commit it.`,
  );
  const root = resolve('.');
  if (newSeeds !== undefined && wanted.length === 0) {
    throw new GateError(`--seeds: of which iterations? Name them: ${commandLine('bless 5 --seeds 1-20')}.`);
  }
  const lock = lockIn(root);
  const before = lock?.targets ?? [];
  const chosen = wanted.length === 0 ? iterations : wanted.map(findIteration);
  const declared = declaredSeeds(lock?.seeds ?? {}, chosen, newSeeds);
  const options = {
    data: await loadMnist(),
    backend: await selectBackend({ force: BACKEND }),
    folder: RUNS_FOLDER,
    checkpoints: { folder: checkpointsOf(RUNS_FOLDER), fresh },
  };
  for (const iteration of chosen) {
    if (declared[iteration.id] !== undefined) continue;
    const { seeds, why } = planRenewal(iteration, options);
    print(`${iteration.id}: ${seeds.length === 0 ? why : `to train: seed ${seeds.join(', ')}, as ${why}`}`);
  }
  const figures: string[] = [];
  for (const iteration of chosen) {
    const { seeds } = planRenewal(iteration, options);
    const earlier = seeds.map((seed) => recordOf(iteration.id, seed));
    const { id, recipe } = iteration;
    const renewed: RunRecord[] = [];
    if (declared[id] === undefined) {
      const display = trainingDisplay({ name: id, epochs: recipe.epochs, measured: 'test' });
      const renewal = renewRecords(iteration, { ...options, progress: () => display });
      renewed.push(...(await renewal.finally(() => display.end())).renewed);
    } else {
      const all = parseSeeds(declared[id]);
      const request = { seeds: all, jobs: jobsFor(jobs, all.length), folder: RUNS_FOLDER, fresh };
      await trainStudy(iteration, request);
      renewed.push(...seeds.flatMap((seed) => recordOf(id, seed) ?? []));
    }
    figures.push(...renewed.map((record, i) => describeRenewedRecord(earlier[i], record)));
  }

  const { targets } = await lockSpecs({ root, project: PROJECT, seeds: declared });
  const changes = compareTargets(before, targets);
  if (existsSync(RESULTS)) await writeDocuments({ check: false });
  const exitCode = await runVitest(root, ['--project', PROJECT]);

  print(['', ...(figures.length === 0 ? ['No figure has changed.'] : figures)].join('\n'));
  print(
    changes.length === 0 ? 'The targets are as they were.' : changes.map(describeTargetChange).join('\n'),
  );
  print(conclusionOf(exitCode));
  return exitCode as ExitCode;
}

/** Those of the lock, but of the chosen iterations the new ones. Throws GateError where they are none. */
function declaredSeeds(
  before: Readonly<Record<string, string>>,
  chosen: readonly Iteration[],
  seeds: string | undefined,
): Readonly<Record<string, string>> {
  if (seeds === undefined) return before;
  const written = describeSeeds(parseSeeds(seeds));
  return { ...before, ...Object.fromEntries(chosen.map(({ id }) => [id, written])) };
}

/** One that cannot be read is one that there was not: it is trained anew. */
function recordOf(id: string, seed: number): RunRecord | undefined {
  try {
    return readRecords(RUNS_FOLDER, id, BACKEND).find((record) => record.seed === seed);
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

function conclusionOf(exitCode: number): string {
  return exitCode === ExitCode.ok
    ? 'The gate is green (exit code 0). Look at the difference (git diff --stat), then commit it: runs/, spec/targets.lock.json, README.md, docs/.'
    : `The gate is red (exit code ${exitCode}): see above. Mend the network, or the promise in its spec, and bless again.`;
}
