import { parseArgs } from 'node:util';
import { $, echo } from 'zx';
import { selectBackend } from '../src/backend/select.ts';
import { loadMnist } from '../src/data/mnist.ts';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { findIteration, iterations } from '../src/iterations/index.ts';
import { describeFact, percent } from '../src/record.ts';
import { RUNS_FOLDER } from '../src/training/store.ts';
import { lineProgress } from '../src/training/progress.ts';
import { renewRecords } from '../src/training/renew.ts';
import { runScript } from './support/run-script.ts';

const HELP = `Usage: npm run bless [-- ITERATION ...]

Accepts the networks, recipes and targets as they stand in the source: trains every record that no longer fits
(of the iterations named, else of all), writes the lock of targets anew from the specs, and the README from the
records. Look at the difference, then commit it with the change that caused it. Refused with CI set: what is
promised and what counts as evidence is changed by people.`;

/** The records in runs/ that are evidence: the same bits on every machine. */
const BACKEND = 'wasm';

await runScript(main);

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) return echo(HELP);
  if (process.env['CI']) {
    throw new GateError(
      'Records are not blessed with CI set: run "npm run bless" on your machine, look at the difference and commit it.',
      ExitCode.missing,
    );
  }
  const chosen = positionals.length === 0 ? iterations : positionals.map((wanted) => findIteration(wanted));
  const backend = await selectBackend({ force: BACKEND });
  const options = { data: await loadMnist(), backend, folder: RUNS_FOLDER };
  for (const iteration of chosen) {
    const progress = () => lineProgress(iteration.id, iteration.recipe.epochs);
    const { id, why, renewed } = await renewRecords(iteration, { ...options, progress });
    echo(`${id}: ${why}`);
    for (const { seed, epochs, model } of renewed) {
      const { testCorrect, testTotal } = epochs.at(-1)!;
      const test = percent(testCorrect, testTotal).toFixed(2);
      echo(`  seed ${seed}: ${test} % of the test images, ${describeFact(model.parameters)} parameters`);
    }
  }
  await $({ stdio: 'inherit' })`npm run --silent targets -- --update`;
  await $({ stdio: 'inherit' })`npm run --silent summary`;
  echo('Look at the difference (git diff --stat), then commit runs/, spec/targets.lock.json and README.md.');
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', default: false } } });
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`);
  }
}
