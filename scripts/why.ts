import { echo } from 'zx';
import { selectBackend } from '../src/backend/select.ts';
import { ExitCode, GateError } from '../src/errors.ts';
import { findIteration, iterations } from '../src/iterations/index.ts';
import { buildModel } from '../src/model/build.ts';
import { layerCosts } from '../src/model/cost.ts';
import { receptiveFieldTable } from '../src/model/geometry.ts';
import { whyText } from '../src/report/why.ts';

/** `npm run why -- 5`: the layers of an iteration as its source has them now, largest first; without a number, of all. */
try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GateError)) throw error;
  console.error(error.message);
  process.exitCode = ExitCode.infrastructure;
}

async function main(wanted: readonly string[]): Promise<void> {
  // Building needs a backend, and no speed.
  await selectBackend({ force: 'cpu' });
  for (const { id, name, network } of wanted.length === 0 ? iterations : wanted.map(findIteration)) {
    const model = buildModel(network);
    echo(`${id}: ${name}\n\n${whyText(layerCosts(model), receptiveFieldTable(model))}\n`);
    model.dispose();
  }
}
