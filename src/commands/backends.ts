import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { measureApart } from '../backends/apart.ts';
import { ending } from '../cli/run.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type BackendRow, backendsMarkdown, disagreements, isMeasured } from '../report/backends.ts';

/** WASM comes first: the others are compared with it. */
const BACKENDS = ['wasm', 'tensorflow', 'cpu'];
const REPORT = path.join('reports', 'backends.md');

export const backends = new Command('backends')
  .description(
    'Compares the backends that load here: each runs the weights of every record in runs/ over the test images of MNIST, and takes training steps of iteration 5. Prints a table and writes reports/backends.md. A backend that is not available has a row that says why. Exit code 1 where two backends disagree.',
  )
  .option('--all', 'exit code 3 where a backend could not be measured', false)
  .action(ending(async ({ all }) => compareBackends(all)));

async function compareBackends(all: boolean): Promise<ExitCode> {
  const folder = await temporaryFolder();
  try {
    const rows: BackendRow[] = [];
    // One after the other: two at once would time each other.
    for (const name of BACKENDS) rows.push(await measureApart(name, folder));
    const report = backendsMarkdown(rows);
    writeWhole(REPORT, report);
    console.log(report);
    if (all && !rows.every(isMeasured)) return ExitCode.missing;
    return disagreements(rows).length > 0 ? ExitCode.targetFailed : ExitCode.ok;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(path.join(tmpdir(), 'backends-'));
  } catch (error) {
    throw new GateError(
      `${tmpdir()}: no folder for temporary files (${messageOf(error)}). Set TMPDIR to one that you can write to.`,
    );
  }
}
