import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { chalk, echo } from 'zx';
import { wholeNumber } from '../src/cli/arguments.ts';
import { ending, runCommand } from '../src/cli/run.ts';
import { ExitCode } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { runCommandIn } from './support/crashtest/command.ts';
import { smallDisk } from './support/crashtest/disk.ts';
import { startMirror } from './support/crashtest/mirror.ts';
import { drawPlans } from './support/crashtest/plans.ts';
import { copyProject, madeUpFiles, makeProject, setEpochs } from './support/crashtest/project.ts';
import { conclusionOf, tableOf, withTable } from './support/crashtest/table.ts';
import {
  type Golden,
  goldenOf,
  type Outcome,
  type Place,
  startFrom,
  tryOut,
} from './support/crashtest/trial.ts';
import { WORKS } from './support/crashtest/works.ts';

const DOCUMENT = 'docs/durability.md';
/** As the network's recipe says, and so few that its record is another one. */
const [EPOCHS, EARLIER_EPOCHS] = [8, 2];

const crashtest = new Command('crashtest')
  .description(
    'Kills real commands (train, study, bless and the fetch of the data) at moments drawn from a seed, a part of them on a small disk that is full, starts them again, and demands the same bits as those of undisturbed ones and no file more. Their network and data are those of spec/fixtures/digits.',
  )
  .option('--count <n>', 'interruptions', wholeNumber('--count', 1, 100_000), 200)
  .option('--seed <n>', 'of the moments', wholeNumber('--seed', 0, 2 ** 31 - 1), 1)
  .option('--jobs <n>', 'side by side', wholeNumber('--jobs', 1, 64), Math.min(2, availableParallelism()))
  .option('--only <n>', 'that interruption alone', wholeNumber('--only', 1, 100_000))
  .option('--no-mount', 'play full disks by a layer, also where a small one may be mounted')
  .option('--docs', `write the table into ${DOCUMENT}, if all of them end well`, false)
  .action(ending(main));

await runCommand(crashtest, process.argv.slice(2));

interface Options {
  readonly count: number;
  readonly seed: number;
  readonly jobs: number;
  readonly only?: number | undefined;
  readonly mount: boolean;
  readonly docs: boolean;
}

async function main({ count, seed, jobs, only, mount, docs }: Options): Promise<ExitCode> {
  const start = performance.now();
  const root = await mkdtemp(join(tmpdir(), 'crash test-'));
  const mirror = await startMirror(madeUpFiles());
  try {
    const places = await makePlaces(root, mirror.url, jobs, mount);
    const golden = new Map<string, Golden>();
    for (const work of WORKS) golden.set(work.name, await goldenOf(work, places[0]!));
    const plans = drawPlans(count, seed, golden).filter(
      ({ number }) => only === undefined || number === only,
    );
    const outcomes: Outcome[] = [];
    // The long ones last in `plans` come first: none is waited for at the end.
    const left = plans.toReversed();
    await Promise.all(
      places.map(async (place) => {
        for (let plan = left.pop(); plan; plan = left.pop()) {
          const outcome = await tryOut(plan, place, golden.get(plan.work.name)!);
          outcomes.push(outcome);
          echo(lineOf(outcome));
        }
      }),
    );
    const disk = await smallDisk(join(places[0]!.folder, 'disk'), 1 << 20, mount);
    await disk.unmount();
    const seconds = (performance.now() - start) / 1000;
    const tried = { outcomes, seconds, cores: availableParallelism(), seed, disk: disk.kind };
    echo(`${tableOf(tried)}\n\n${conclusionOf(tried)}`);
    if (outcomes.some(({ faults }) => faults.length > 0)) return ExitCode.targetFailed;
    if (docs) writeWhole(DOCUMENT, await withTable(DOCUMENT, await readFile(DOCUMENT, 'utf8'), tried));
    return ExitCode.ok;
  } finally {
    mirror.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A project a job, and what their trials start from: nothing trained yet, and an older run. */
async function makePlaces(root: string, mirror: string, jobs: number, mayMount: boolean): Promise<Place[]> {
  const [fresh, older] = [join(root, 'fresh'), join(root, 'older')];
  await makeProject(fresh, mirror);
  await copyProject(fresh, older);
  await setEpochs(older, EPOCHS, EARLIER_EPOCHS);
  const { exitCode, output } = await runCommandIn(older, WORKS[0]!);
  if (exitCode !== 0) throw new Error(`the older run could not be trained: ${output}`);
  return Promise.all(
    Array.from({ length: jobs }, async (_, job) => {
      const folder = join(root, `project ü ${job + 1}`);
      await cp(fresh, folder, { recursive: true, verbatimSymlinks: true });
      await startFrom(fresh, folder);
      return { folder, fresh, older, mayMount };
    }),
  );
}

function lineOf({ plan, hit, faults }: Outcome): string {
  const { number, work, free, kill, replaces } = plan;
  const how = [
    ...(kill
      ? [
          `${kill.signal} ${kill.ms.toFixed(0)} ms after ${kill.after === 'start' ? 'its start' : `change ${kill.change}`}`,
        ]
      : []),
    ...(free === undefined ? [] : [`${free} bytes free`]),
    ...(replaces ? ['over an older run'] : []),
  ];
  const said = faults.length === 0 ? chalk.green('same bits') : chalk.red(faults.join('; '));
  return `${number} ${work.name}, ${how.join(', ')}: ${hit}; ${said}`;
}
