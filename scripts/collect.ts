import { cp, mkdir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { echo } from 'zx';
import { z } from 'zod';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { readRecords } from '../src/report/read-records.ts';

/**
 * `npm run ci:collect -- FOLDER [RUNS]`: takes the records that the legs of a matrix have trained (MATRIX: its JSON) into
 * runs/. Every leg must have left one: else a committed record of the same seed would stand in for it unseen.
 */
const RUNS = 'runs';
const matrixSchema = z.object({
  include: z.array(z.object({ iteration: z.string(), seed: z.number() })).min(1),
});

try {
  await main(process.argv[2], process.argv[3] ?? RUNS);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main(folder: string | undefined, runs: string): Promise<void> {
  if (folder === undefined) throw new GateError('Which folder? npm run ci:collect -- FOLDER');
  const matrix = matrixSchema.safeParse(JSON.parse(process.env['MATRIX'] || 'null'));
  if (!matrix.success) {
    throw new GateError(`MATRIX does not hold the matrix that was run: ${z.prettifyError(matrix.error)}`);
  }
  const { include } = matrix.data;
  const records = existsSync(folder) ? await readRecords(folder) : [];
  const lost = include.filter(
    ({ iteration, seed }) => !records.some((run) => run.id === iteration && run.seed === seed),
  );
  if (lost.length > 0) {
    const names = lost.map(({ iteration, seed }) => `${iteration} seed ${seed}`).join(', ');
    throw new GateError(
      `${lost.length} of ${include.length} legs left no record: ${names}. Look at their jobs.`,
      ExitCode.missing,
    );
  }
  await mkdir(runs, { recursive: true });
  for (const file of await readdir(folder)) await cp(join(folder, file), join(runs, file));
  echo(`${records.length} records taken into ${runs}/.`);
}
