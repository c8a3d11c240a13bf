import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { selectBackend } from '../backend/select.ts';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { GateError } from '../errors.ts';
import { valueOr } from '../fact.ts';
import { findIteration, iterations } from '../iterations/index.ts';
import { buildModel } from '../model/build.ts';
import { layerCosts } from '../model/cost.ts';
import { receptiveFieldTable } from '../model/geometry.ts';
import { REPORTS_FOLDER } from '../report/files.ts';
import { isMeasured, parseSummary, type MeasuredIteration } from '../report/summary.ts';
import { didYouMean } from '../nearest.ts';
import { whyText } from '../report/why.ts';

const SUMMARY_FILE = join(REPORTS_FOLDER, 'summary.json');

export const why = new Command('why')
  .description(
    'Parameters, multiply-adds and receptive field of the models of the last run, layer by layer, the largest first.',
  )
  .argument('[ids...]', 'of the models, or their numbers (default: all)')
  .option('--source', 'the iterations of this package as their source has them, without a run', false)
  .option('--root <folder>', "another project's folder", '.')
  .action(
    ending(async (ids, { source, root }) => {
      if (source) await explainSource(ids);
      else await explainLastRun(ids, root);
    }),
  );

/** Building needs a backend, and no speed. */
async function explainSource(ids: readonly string[]): Promise<void> {
  const chosen = ids.length === 0 ? iterations : ids.map(findIteration);
  await selectBackend({ force: 'cpu' });
  for (const { id, name, network } of chosen) {
    const model = buildModel(network);
    print(`${id}: ${name}\n\n${whyText(layerCosts(model), receptiveFieldTable(model))}\n`);
    model.dispose();
  }
}

/** Throws GateError where there was no run, or it did not measure one of `ids`. */
async function explainLastRun(ids: readonly string[], root: string): Promise<void> {
  const measured = await measuredIn(resolve(root, SUMMARY_FILE));
  const chosen = ids.length === 0 ? measured : ids.map((id) => findMeasured(measured, id));
  for (const { id, name, layers, receptiveFieldTable: table } of chosen) {
    print(`${id}: ${name}\n\n${whyText(layers, valueOr(table, []))}\n`);
  }
}

function findMeasured(measured: readonly MeasuredIteration[], wanted: string): MeasuredIteration {
  const found = measured.find(({ id }) => id === wanted || id.split('-', 1)[0] === wanted);
  if (found) return found;
  const known = measured.map(({ id }) => id);
  const partial = known.length === 0 ? 'measured nothing' : `measured ${known.join(', ')} only`;
  throw new GateError(
    `The last run ${partial} (${SUMMARY_FILE}), not "${wanted}"${didYouMean(wanted, known)} Run its spec (npx vitest run), or all of them.`,
  );
}

async function measuredIn(file: string): Promise<MeasuredIteration[]> {
  try {
    return parseSummary(await readFile(file, 'utf8'), file).iterations.filter(isMeasured);
  } catch {
    throw new GateError(
      `${SUMMARY_FILE} is not there, or of another version. Run the gate first (npx vitest run).`,
    );
  }
}
