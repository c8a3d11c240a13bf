import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { ExitCode, GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { LOG_FILE, readLog } from './recipes/log.ts';
import { withTables } from './recipes/page.ts';
import { runScript } from './support/run-script.ts';

const PAGE = 'docs/recipes.md';

/** Writes the tables of docs/recipes.md from docs/recipes.jsonl; `--check` only says whether they are in step. */
await runScript(main);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const before = readFileSync(PAGE, 'utf8');
  const after = await withTables(before, readLog());
  if (after === before) return echo(`${PAGE} is in step with ${LOG_FILE}.`);
  if (values.check) {
    throw new GateError(
      `${PAGE} is out of step with ${LOG_FILE}. Run "npm run recipes".`,
      ExitCode.targetFailed,
    );
  }
  writeWhole(PAGE, after);
  echo(`${PAGE} written.`);
}
