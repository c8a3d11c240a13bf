import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { PAGE_FILE, REPORTS_FOLDER } from '../report/files.ts';
import { summarySchema } from '../report/summary.ts';
import { toTerminal } from '../report/terminal.ts';

export const REPORT_USAGE = `  report [--dir FOLDER] [--print]
      Opens the report page of the last run in the browser; --print shows it here, with every row.
      --dir is where the reporter writes to (default ${REPORTS_FOLDER}).`;

/** `codecodecode report`: the page of the last run, whatever its verdict was. */
export async function report(args: readonly string[]): Promise<ExitCode> {
  const { dir, print } = readArguments(args);
  const page = resolve(dir, PAGE_FILE);
  if (!existsSync(page)) {
    throw new GateError(`There is no ${join(dir, PAGE_FILE)} yet: run the gate (npm test) first.`);
  }
  if (print) {
    console.log(
      toTerminal(await readSummary(join(dir, 'summary.json')), { verbose: true, page: join(dir, PAGE_FILE) }),
    );
    return ExitCode.ok;
  }
  console.log(`The report: ${page}`);
  await openPage(page);
  return ExitCode.ok;
}

/** Where there is no desktop, the path that was printed has to do. */
async function openPage(page: string): Promise<void> {
  const { default: open } = await import('open');
  try {
    const browser = await open(page);
    browser.once('error', () => console.log('No browser could be started: open the file in one.'));
  } catch {
    console.log('No browser could be started: open the file in one.');
  }
}

async function readSummary(file: string) {
  try {
    return summarySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new GateError(`${file} is not a summary of this version: ${what}\nRun the gate (npm test) again.`);
  }
}

function readArguments(args: readonly string[]) {
  try {
    const options = {
      dir: { type: 'string', default: REPORTS_FOLDER },
      print: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${REPORT_USAGE}`);
  }
}
