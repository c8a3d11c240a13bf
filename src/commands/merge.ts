import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { ExitCode, GateError } from '../errors.ts';
import { publishError } from '../github/publish.ts';
import { removeReports } from '../report/artefacts.ts';
import { REPORTS_FOLDER, SUMMARY_FILE } from '../report/files.ts';
import { mergeBlobs } from '../report/merge-blobs.ts';
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

/** The lock tells which targets are owed, so that a lost blob is red. Throws GateError if there is no blob at all, or a damaged one. */
async function judgeBlobs(folder: string, root: string): Promise<ExitCode> {
  const blobs = resolve(folder);
  const reports = join(root, REPORTS_FOLDER);
  try {
    if (!existsSync(blobs) || readdirSync(blobs).length === 0) {
      throw new GateError(
        `No leg left a blob in ${folder}: nothing was measured. Look at the jobs before this one.`,
        ExitCode.missing,
      );
    }
    // Of a damaged blob no reporter is told.
    removeReports(reports);
    await mergeBlobs(blobs, {
      root,
      reporters: ['default', ['junit', { outputFile: resolve(root, JUNIT_FILE) }], gateReporter()],
    });
    if (!existsSync(join(reports, SUMMARY_FILE))) {
      throw new GateError(`Nothing was judged: the blobs in ${folder} hold no target. Run the legs again.`);
    }
  } catch (error) {
    if (error instanceof GateError) await publishError(error.message, error.exitCode);
    throw error;
  }
  // The reporter has set it.
  return Number(process.exitCode ?? ExitCode.ok) as ExitCode;
}
