import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { findIteration } from '../iterations/index.ts';
import { mergeStudies } from '../study/merge.ts';
import { DECLARED_SEEDS, parseSeeds } from '../study/seeds.ts';
import { readStudy, studyFilesBelow, writeStudy } from '../study/store.ts';
import { FIRST_SEED } from '../training/evidence.ts';
import { readRecords, readWeights, RUNS_FOLDER, writeRun } from '../training/store.ts';
import { ITERATION_HELP, jobsFor, jobsOption } from './options.ts';
import { BACKEND, describeStudy, trainStudy } from './train-study.ts';

export const study = new Command('study')
  .usage('ITERATION [options]\n       codecodecode study --merge FOLDER')
  .description(
    `Trains one iteration with several seeds, a process a core, and writes runs/ITERATION.study.json, and for seed ${FIRST_SEED} the full record and weights. Seeds that are done are not trained again, and those that were interrupted go on after their last whole epoch: the same command again.`,
  )
  .argument('[iteration]', ITERATION_HELP)
  .option('--seeds <list>', 'such as 1-20 or 1,2,5-8', DECLARED_SEEDS)
  .option(...jobsOption)
  .option(
    '--fresh',
    'train all of them, also those that are done, and none from where it was interrupted',
    false,
  )
  .option('--folder <folder>', 'where studies are read and written (default: runs)')
  .option('--against <file>', 'compare with that study: paired by seed, and image by image')
  .option(
    '--merge <folder>',
    'put together the studies that lie in the folder and below, such as the slices of a matrix',
  )
  .action(
    ending(async (wanted, options) => {
      const folder = options.folder === undefined ? RUNS_FOLDER : path.resolve(options.folder);
      if (options.merge !== undefined) {
        if (wanted === undefined) return merge(path.resolve(options.merge), folder);
        throw new GateError('--merge takes no iteration: it merges every study in its folder.');
      }
      if (wanted === undefined) {
        throw new GateError(`Which iteration? Expected ${ITERATION_HELP}, or --merge FOLDER.`);
      }
      const seeds = parseSeeds(options.seeds);
      await trainStudy(findIteration(wanted), {
        seeds,
        jobs: jobsFor(options.jobs, seeds.length),
        folder,
        fresh: options.fresh,
        against: options.against,
      });
    }),
  );

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
    print(describeStudy(merged, writeStudy(folder, merged)));
  }
}
