import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, GateError } from '../errors.ts';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import { legsOfSeeds, legsOfSpecs } from '../github/matrix.ts';
import type { Leg } from '../github/matrix.ts';

export const MATRIX_USAGE = `matrix                        one leg a spec file of the lock, as "matrix" for strategy.matrix
matrix --seeds 1,2,3          one leg an iteration and seed`;

/** Prints the legs of a matrix as JSON, and sets them as the step's output "matrix" where GITHUB_OUTPUT is set. */
export async function matrix(args: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: { seeds: { type: 'string' } } });
  const file = resolve(LOCK_FILE);
  if (!existsSync(file)) {
    throw new GateError(
      `There is no ${LOCK_FILE}. Write it (targets --update) and commit it.`,
      ExitCode.missing,
    );
  }
  const { targets } = parseLock(readFileSync(file, 'utf8'), LOCK_FILE);
  const include: readonly Leg[] =
    values.seeds === undefined ? legsOfSpecs(targets) : legsOfSeeds(targets, values.seeds);
  const text = JSON.stringify({ include });
  console.log(text);
  if (process.env['GITHUB_OUTPUT']) (await import('@actions/core')).setOutput('matrix', text);
  return ExitCode.ok;
}
