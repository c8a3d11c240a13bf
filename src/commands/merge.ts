import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { startVitest } from 'vitest/node';
import { ending } from '../cli/run.ts';
import { ExitCode, GateError } from '../errors.ts';
import { publishError } from '../github/publish.ts';
import { removeReports } from '../report/artefacts.ts';
import { REPORTS_FOLDER, SUMMARY_FILE } from '../report/files.ts';
import { gateReporter } from '../reporter.ts';

/** Of JUnit, from the project's root; beside the reporter's own files. */
const JUNIT_FILE = 'reports/junit.xml';

export const merge = new Command('merge')
  .description(
    "Judges the blobs that the legs of a matrix left as one run: prints and writes the summary, and JUnit's XML.",
  )
  .argument('<folder>', 'of the blobs')
  .option('--root <folder>', "another project's folder", '.')
  .action(ending(async (folder, options) => judgeBlobs(folder, resolve(options.root))));

/** The lock tells which targets are owed, so that a lost blob is red. Throws GateError if there is no blob at all. */
async function judgeBlobs(folder: string, root: string): Promise<ExitCode> {
  const blobs = resolve(folder);
  if (!existsSync(blobs) || readdirSync(blobs).length === 0) {
    const message = `No leg left a blob in ${folder}: nothing was measured. Look at the jobs before this one.`;
    await publishError(message, ExitCode.missing);
    throw new GateError(message, ExitCode.missing);
  }
  const reports = join(root, REPORTS_FOLDER);
  // Of a damaged blob Vitest says so before any reporter is asked.
  removeReports(reports);
  const vitest = await startVitest('test', [], {
    root,
    watch: false,
    mergeReports: blobs,
    reporters: ['default', ['junit', { outputFile: resolve(root, JUNIT_FILE) }], gateReporter()],
  });
  await vitest.close();
  if (!existsSync(join(reports, SUMMARY_FILE))) {
    const message = `Nothing was judged: the blobs in ${folder} cannot be read as one run (one is damaged, or of another version of Vitest), or hold no target. Run the legs again.`;
    await publishError(message, ExitCode.infrastructure);
    throw new GateError(message);
  }
  // The reporter has set it.
  return Number(process.exitCode ?? ExitCode.ok) as ExitCode;
}
