import { readFile } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { chalk, echo } from 'zx';
import { wholeNumber } from '../src/cli/arguments.ts';
import { ending, runCommand } from '../src/cli/run.ts';
import { ExitCode } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import type { Tally } from './support/fuzz/kind.ts';
import { kinds, tryKind } from './support/fuzz/kinds.ts';
import { conclusionOf, withFigures } from './support/fuzz/table.ts';

const DOCUMENT = 'docs/durability.md';

const fuzz = new Command('fuzz')
  .description(
    'Hands hostile inputs to everything that reads files or words from outside, and demands of each that it is refused with one clear message or read as what it says.',
  )
  .option('--inputs <n>', 'altogether', wholeNumber('--inputs', 1, 1_000_000_000), 2_000)
  .option('--seed <n>', 'that they are drawn from', wholeNumber('--seed', 0, 2 ** 31 - 1), 1)
  .option('--only <text>', 'kinds whose name holds the text', '')
  .option('--docs', `write the figures into ${DOCUMENT}, if there is no fault`, false)
  .action(ending(main));

await runCommand(fuzz, process.argv.slice(2));

interface Options {
  readonly inputs: number;
  readonly seed: number;
  readonly only: string;
  readonly docs: boolean;
}

async function main({ inputs, seed, only, docs }: Options): Promise<ExitCode> {
  const start = performance.now();
  const all = (await kinds()).filter(({ name }) => name.includes(only));
  const rows: { name: string; tally: Tally }[] = [];
  for (const kind of all) {
    const tally = await tryKind(kind, inputs, { of: all.length, seed });
    rows.push({ name: kind.name, tally });
    const { fault } = tally;
    echo(
      `${kind.name}: ${fault ? chalk.red(`${fault.what}: ${fault.words}`) : `${tally.inputs} inputs, ${tally.refused} refused`}`,
    );
  }
  const fuzzed = { rows, seed, seconds: (performance.now() - start) / 1000 };
  echo(conclusionOf(fuzzed));
  if (rows.some(({ tally }) => tally.fault)) return ExitCode.targetFailed;
  if (docs) writeWhole(DOCUMENT, await withFigures(DOCUMENT, await readFile(DOCUMENT, 'utf8'), fuzzed));
  return ExitCode.ok;
}
