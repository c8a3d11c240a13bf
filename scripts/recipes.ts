import { readFileSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import { echo } from 'zx';
import { ending, runCommand } from '../src/cli/run.ts';
import { ExitCode, GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { LOG_FILE, readLog } from './recipes/log.ts';
import { withTables } from './recipes/page.ts';

const PAGE = 'docs/recipes.md';

const recipes = new Command('recipes')
  .description(`Writes the tables of ${PAGE} from ${LOG_FILE}.`)
  .option('--check', 'only say whether they are in step; exit code 1 where they are not', false)
  .action(ending(main));

await runCommand(recipes, process.argv.slice(2));

async function main({ check }: { readonly check: boolean }): Promise<void> {
  const before = readFileSync(PAGE, 'utf8');
  const after = await withTables(before, readLog());
  if (after === before) return echo(`${PAGE} is in step with ${LOG_FILE}.`);
  if (check) {
    throw new GateError(
      `${PAGE} is out of step with ${LOG_FILE}. Run "npm run recipes".`,
      ExitCode.targetFailed,
    );
  }
  writeWhole(PAGE, after);
  echo(`${PAGE} written.`);
}
