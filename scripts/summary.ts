import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { LOCK_FILE, parseLock } from '../src/gates/manifest.ts';
import { onePerIteration, readRecords } from '../src/report/read-records.ts';
import { withResults } from '../src/report/readme.ts';

/** Writes the results of README.md from the records in runs/; `--check` only says whether they are in step. */
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** The records that the README speaks of: the same bits on every machine. */
const BACKEND = 'wasm';

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main(): Promise<ExitCode> {
  const readme = await readFile('README.md', 'utf8');
  const lock = existsSync(LOCK_FILE) ? parseLock(await readFile(LOCK_FILE, 'utf8'), LOCK_FILE) : undefined;
  const records = onePerIteration(await readRecords('runs'), BACKEND);
  const renewed = withResults(readme, records, lock?.targets ?? []);
  if (renewed === readme) {
    console.log(`README.md is in step with ${records.length} records.`);
    return ExitCode.ok;
  }
  if (values.check) {
    throw new GateError('README.md is out of step with runs/. Run "npm run summary".', ExitCode.targetFailed);
  }
  await writeFile('README.md.unfinished', renewed);
  await rename('README.md.unfinished', 'README.md');
  console.log(`README.md: results of ${records.length} records written.`);
  return ExitCode.ok;
}
