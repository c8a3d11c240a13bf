import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { $, echo } from 'zx';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { type BackendRow, backendsMarkdown, disagreements, isMeasured } from '../src/report/backends.ts';
import { runScript } from './support/run-script.ts';

const HELP = `Usage: npm run backends [-- --all]

Compares the backends that load here: each runs the weights of every record in runs/ over the test images of MNIST, and
takes training steps of iteration 5. Prints a table and writes reports/backends.md. A backend that is not available has
a row that says why. Exit code 1 where two backends disagree.

  --all     exit code 3 where a backend could not be measured
  --help    this text`;

/** WASM comes first: the others are compared with it. */
const BACKENDS = ['wasm', 'tensorflow', 'cpu'];
const MEASURE = fileURLToPath(new URL('support/backends/measure.ts', import.meta.url));
const REPORT = path.join('reports', 'backends.md');

await runScript(async () => {
  process.exitCode = await main();
});

async function main(): Promise<ExitCode> {
  const { all, help } = readArguments();
  if (help) {
    echo(HELP);
    return ExitCode.ok;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'backends-'));
  try {
    const rows: BackendRow[] = [];
    // One after the other: two at once would time each other.
    for (const name of BACKENDS) rows.push(await measured(name, folder));
    const report = backendsMarkdown(rows);
    await mkdir(path.dirname(REPORT), { recursive: true });
    await writeFile(`${REPORT}.unfinished`, report);
    await rename(`${REPORT}.unfinished`, REPORT);
    echo(report);
    if (all && !rows.every(isMeasured)) return ExitCode.missing;
    return disagreements(rows).length > 0 ? ExitCode.targetFailed : ExitCode.ok;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(name: string, folder: string): Promise<BackendRow> {
  const process_ = await $({
    nothrow: true,
    quiet: true,
  })`${process.execPath} --import tsx ${MEASURE} --backend ${name} --folder ${folder}`;
  try {
    return JSON.parse(await readFile(path.join(folder, `${name}.json`), 'utf8')) as BackendRow;
  } catch {
    const cause = process_.stderr.trim().split('\n').at(-1) ?? '';
    return { name, missing: `its process broke off (exit code ${process_.exitCode}) ${cause}` };
  }
}

function readArguments(): { readonly all: boolean; readonly help: boolean } {
  try {
    const options = {
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`);
  }
}
