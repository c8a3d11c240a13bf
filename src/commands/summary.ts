import { rm } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { writeTogether } from '../files/write-whole.ts';
import { documents } from '../report/documents-in-folder.ts';
import { commandLine } from '../command-line.ts';

export const summary = new Command('summary')
  .description("Writes README's results, docs/results.md and their pictures from the records in runs/.")
  .option('--check', 'only say whether they are in step', false)
  .action(ending(async ({ check }) => writeDocuments({ check })));

/** Throws GateError where `check` finds them out of step. */
export async function writeDocuments({ check }: { readonly check: boolean }): Promise<void> {
  const { records, runs, notes, expected, outOfStep } = await documents('.');
  for (const note of notes) print(`Note: ${note}`);
  const from = `${records} records${runs > records ? ` and ${runs - records} more runs of their studies` : ''}`;
  if (outOfStep.length === 0) {
    return print(`README, docs/results.md and pictures are in step with ${from}.`);
  }
  if (check) {
    throw new GateError(
      `Out of step with runs/: ${outOfStep.join(', ')}. Run "${commandLine('summary')}".`,
      ExitCode.targetFailed,
    );
  }
  writeTogether(
    outOfStep.flatMap((path) => (expected.has(path) ? [[path, expected.get(path)!] as const] : [])),
  );
  // A file that should not be there goes.
  for (const path of outOfStep.filter((each) => !expected.has(each))) await rm(path);
  print(`Written from ${from}: ${outOfStep.join(', ')}.`);
}
