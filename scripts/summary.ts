import { rename, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { documents } from './support/documents.ts';
import { runScript } from './support/run-script.ts';

const HELP = `Usage: npm run summary [-- --check]

Writes README's results, docs/results.md and their pictures from the records in runs/.

  --check   only say whether they are in step`;

await runScript(async () => {
  const { check, help } = readArguments();
  if (help) return echo(HELP);
  const { records, runs, notes, expected, outOfStep } = await documents('.');
  for (const note of notes) echo(`Note: ${note}`);
  const from = `${records} records${runs > records ? ` and ${runs - records} more runs of their studies` : ''}`;
  if (outOfStep.length === 0) return echo(`README, docs/results.md and pictures are in step with ${from}.`);
  if (check) {
    throw new GateError(
      `Out of step with runs/: ${outOfStep.join(', ')}. Run "npm run summary".`,
      ExitCode.targetFailed,
    );
  }
  for (const path of outOfStep) await renew(path, expected.get(path));
  echo(`Written from ${from}: ${outOfStep.join(', ')}.`);
});

/** A file that should not be there goes. */
async function renew(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) return rm(path);
  await writeFile(`${path}.unfinished`, text);
  await rename(`${path}.unfinished`, path);
}

function readArguments() {
  try {
    const options = {
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`);
  }
}
