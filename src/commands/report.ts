import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { GateError, messageOf } from '../errors.ts';
import { PAGE_FILE, REPORTS_FOLDER, SUMMARY_FILE } from '../report/files.ts';
import { parseSummary } from '../report/summary.ts';
import { toTerminal } from '../report/terminal.ts';

export const report = new Command('report')
  .description('Opens the report page of the last run in the browser, whatever its verdict was.')
  .option('--dir <folder>', 'where the reporter writes to', REPORTS_FOLDER)
  .option('--print', 'show the run here, with every row, in place of the page', false)
  .action(ending(async ({ dir, print }) => showReport(dir, print)));

async function showReport(dir: string, print: boolean): Promise<void> {
  const page = resolve(dir, PAGE_FILE);
  if (!existsSync(page)) {
    throw new GateError(`There is no ${join(dir, PAGE_FILE)} yet: run the gate (npm test) first.`);
  }
  if (print) {
    console.log(
      toTerminal(await readSummary(join(dir, SUMMARY_FILE)), { verbose: true, page: join(dir, PAGE_FILE) }),
    );
    return;
  }
  console.log(`The report: ${page}`);
  await openPage(page);
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
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new GateError(`${file} cannot be read: ${messageOf(error)}\nRun the gate (npm test) again.`);
  }
  return parseSummary(text, file);
}
