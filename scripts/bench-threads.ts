import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command } from '@commander-js/extra-typings';
import { echo } from 'zx';
import { wholeNumber } from '../src/cli/arguments.ts';
import { ending, runCommand } from '../src/cli/run.ts';
import { ExitCode } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import type { Iteration } from '../src/iterations/define.ts';
import { SHARDS } from '../src/engine/native/lanes.ts';
import { findIteration } from '../src/iterations/index.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { spreadOf } from '../src/statistics/spread.ts';
import { measureEpochs } from './bench/epochs.ts';
import { beginPart } from './bench/progress.ts';
import { pairedRatio } from './bench/statistics.ts';
import { textTable } from './bench/text-table.ts';

const DOCUMENT = 'docs/performance.md';
/** As many images as MNIST has. */
const IMAGES = { images: 60_000, test: 10_000 };
/** Of a run; the first one, in which kernels are still being compiled, does not count. */
const EPOCHS = 4;

const bench = new Command('bench:threads')
  .description(
    `Trains on one thread, two, four and so on up to the number of cores, in turn, ${EPOCHS} epochs in a process of its own of which the first does not count, and says how much faster more threads are.`,
  )
  .argument('[iterations...]', 'numbers or ids', ['5', '6'])
  .option('--turns <n>', 'runs of each', wholeNumber('--turns', 1, 100), 4)
  .option('--docs', `write the table into ${DOCUMENT}`, false)
  .action(ending(main));

await runCommand(bench, process.argv.slice(2));

interface Options {
  readonly turns: number;
  readonly docs: boolean;
}

/** Seconds of all epochs that count, in order. */
interface Series {
  readonly iteration: Iteration;
  readonly threads: number;
  readonly seconds: number[];
}

async function main(wanted: readonly string[], { turns, docs }: Options): Promise<ExitCode> {
  const counts = [1, 2, 4, 8].filter((threads) => threads <= Math.min(SHARDS, availableParallelism()));
  const series = wanted.flatMap((each) =>
    counts.map((threads): Series => ({ iteration: findIteration(each), threads, seconds: [] })),
  );
  const part = beginPart('Epochs');
  for (let turn = 0; turn < turns; turn++) {
    // There and back: what grows slower or faster with time does so for all.
    for (const { iteration, threads, seconds } of turn % 2 === 0 ? series : series.toReversed()) {
      const all = await measureEpochs({ iteration, threads, ...IMAGES }, EPOCHS);
      seconds.push(...all.slice(1));
      part.update(
        series.reduce((sum, each) => sum + each.seconds.length, 0),
        turns * (EPOCHS - 1) * series.length,
      );
    }
  }
  part.end();
  const told = tableOf(series);
  echo(told);
  if (docs) {
    writeWhole(DOCUMENT, betweenMarkers(DOCUMENT, await readFile(DOCUMENT, 'utf8'), told, 'threads'));
  }
  return ExitCode.ok;
}

/** Against one thread by means, which have in them whatever held a thread up, and by the median over pairs of epochs. */
function tableOf(series: readonly Series[]): string {
  return textTable(
    ['iteration', 'threads', 'epochs', 'seconds, mean', 'lowest', 'highest', 'of means', 'of pairs, median'],
    series.map(({ iteration, threads, seconds }) => {
      const one = series.find((each) => each.iteration === iteration && each.threads === 1)!.seconds;
      const { n, mean, lowest, highest } = spreadOf(seconds);
      const times = (ratio: number) => (threads === 1 ? '' : `${ratio.toFixed(2)} x`);
      return [
        iteration.id,
        String(threads),
        String(n),
        ...[mean, lowest, highest].map((value) => value.toFixed(2)),
        times(spreadOf(one).mean / mean),
        times(pairedRatio(one, seconds)),
      ];
    }),
  );
}
