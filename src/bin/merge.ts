import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { ExitCode, GateError } from '../errors.ts';
import { publishError } from '../github/publish.ts';
import { gateReporter } from '../report/reporter.ts';

export const MERGE_USAGE = `merge FOLDER                  judges the blobs that the legs of a matrix left in FOLDER
  --root FOLDER               another project's folder`;

/** Of JUnit, from the project's root; beside the reporter's own files. */
const JUNIT_FILE = 'reports/junit.xml';
/** Of the reporter, which takes away that of an earlier run first. */
const SUMMARY_FILE = 'reports/summary.json';

/**
 * Judges the blobs of all legs as one run: prints and writes the summary, and JUnit's XML. The lock tells which targets
 * are owed, so that a lost blob is red. Throws GateError if there is no blob at all.
 */
export async function merge(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { root: { type: 'string', default: '.' } },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new GateError(`Which folder? ${MERGE_USAGE}`);
  const blobs = resolve(folder);
  if (!existsSync(blobs) || readdirSync(blobs).length === 0) {
    const message = `No leg left a blob in ${folder}: nothing was measured. Look at the jobs before this one.`;
    await publishError(message, ExitCode.missing);
    throw new GateError(message, ExitCode.missing);
  }
  const root = resolve(values.root);
  const vitest = await startVitest('test', [], {
    root,
    watch: false,
    mergeReports: blobs,
    reporters: ['default', ['junit', { outputFile: resolve(root, JUNIT_FILE) }], gateReporter()],
  });
  await vitest.close();
  if (!existsSync(resolve(root, SUMMARY_FILE))) {
    const message = `The blobs in ${folder} could not be read as one run: one is damaged, or of another version of Vitest. Nothing was judged.`;
    await publishError(message, ExitCode.infrastructure);
    throw new GateError(message);
  }
  // The reporter has set it.
  return Number(process.exitCode ?? ExitCode.ok) as ExitCode;
}
