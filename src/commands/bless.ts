import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { selectBackend } from '../backend/select.ts';
import { loadMnist } from '../data/mnist.ts';
import { findIteration, iterations } from '../iterations/index.ts';
import { describeFact, percent } from '../record.ts';
import { checkpointsOf } from '../training/checkpoint.ts';
import { RUNS_FOLDER } from '../training/store.ts';
import { lineProgress } from '../training/progress.ts';
import { renewRecords } from '../training/renew.ts';
import { freshOption, ITERATION_HELP, refuseInCi } from './options.ts';
import { writeDocuments } from './summary.ts';
import { writeLock } from './targets.ts';

/** The records in runs/ that are evidence: the same bits on every machine. */
const BACKEND = 'wasm';

export const bless = new Command('bless')
  .description(
    'Accepts the networks, recipes and targets as they stand in the source: trains every record that no longer fits (of the iterations named, else of all), writes the lock of targets anew from the specs, and the README from the records. Look at the difference, then commit it with the change that caused it. Refused with CI set: what is promised and what counts as evidence is changed by people.',
  )
  .argument('[iterations...]', ITERATION_HELP)
  .option(...freshOption)
  .action(ending(blessIterations));

async function blessIterations(
  wanted: readonly string[],
  { fresh }: { readonly fresh: boolean },
): Promise<void> {
  refuseInCi(
    'Records are not blessed with CI set: run "npm run bless" on your machine, look at the difference and commit it.',
  );
  const chosen = wanted.length === 0 ? iterations : wanted.map(findIteration);
  const backend = await selectBackend({ force: BACKEND });
  const options = {
    data: await loadMnist(),
    backend,
    folder: RUNS_FOLDER,
    checkpoints: { folder: checkpointsOf(RUNS_FOLDER), fresh },
  };
  for (const iteration of chosen) {
    const progress = () => lineProgress(iteration.id, iteration.recipe.epochs);
    const { id, why, renewed } = await renewRecords(iteration, { ...options, progress });
    print(`${id}: ${why}`);
    for (const { seed, epochs, model } of renewed) {
      const { testCorrect, testTotal } = epochs.at(-1)!;
      const test = percent(testCorrect, testTotal).toFixed(2);
      print(`  seed ${seed}: ${test} % of the test images, ${describeFact(model.parameters)} parameters`);
    }
  }
  await writeLock({ root: resolve('.'), project: 'networks' });
  await writeDocuments({ check: false });
  print('Look at the difference (git diff --stat), then commit runs/, spec/targets.lock.json and README.md.');
}
