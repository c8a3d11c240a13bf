import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, GateError } from '../errors.ts';
import { valueOr } from '../fact.ts';
import { isMeasured, summarySchema, type MeasuredIteration } from '../report/summary.ts';
import { whyText } from '../report/why.ts';

export const WHY_USAGE = `why [ID]                      the layers of the last run's models, largest first
  --root FOLDER               another project's folder`;

const SUMMARY_FILE = 'reports/summary.json';

/** Prints the table of layers of every model in the last summary, or of one. Throws GateError where there is none. */
export async function why(args: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { root: { type: 'string', default: '.' } },
  });
  const measured = await measuredIn(resolve(values.root, SUMMARY_FILE));
  const wanted = positionals[0];
  const chosen = measured.filter(
    ({ id }) => wanted === undefined || id === wanted || id.split('-')[0] === wanted,
  );
  if (chosen.length === 0) {
    const known = measured.map(({ id }) => id).join(', ') || 'nothing measured';
    throw new GateError(`${SUMMARY_FILE} has no "${wanted ?? ''}"; it has: ${known}.`);
  }
  for (const { id, name, layers, receptiveFieldTable } of chosen) {
    console.log(`${id}: ${name}\n\n${whyText(layers, valueOr(receptiveFieldTable, []))}\n`);
  }
  return ExitCode.ok;
}

async function measuredIn(file: string): Promise<MeasuredIteration[]> {
  try {
    return summarySchema.parse(JSON.parse(await readFile(file, 'utf8'))).iterations.filter(isMeasured);
  } catch {
    throw new GateError(
      `${SUMMARY_FILE} is not there, or of another version. Run the gate first (npx vitest run).`,
    );
  }
}
