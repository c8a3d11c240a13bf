import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { ExitCode, GateError } from '../errors.ts';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import { legsOfSeeds, legsOfSpecs } from '../github/matrix.ts';
import type { Leg } from '../github/matrix.ts';

export const matrix = new Command('matrix')
  .description(
    'Prints one leg a spec file of the lock as JSON for strategy.matrix, and sets it as the step\'s output "matrix" where GITHUB_OUTPUT is set.',
  )
  .option('--seeds <list>', 'one leg an iteration and seed, such as 1,2,3')
  .action(ending(async ({ seeds }) => layOut(seeds)));

async function layOut(seeds: string | undefined): Promise<void> {
  const file = resolve(LOCK_FILE);
  if (!existsSync(file)) {
    throw new GateError(
      `There is no ${LOCK_FILE}. Write it (targets --update) and commit it.`,
      ExitCode.missing,
    );
  }
  const { targets } = parseLock(readFileSync(file, 'utf8'), LOCK_FILE);
  const include: readonly Leg[] = seeds === undefined ? legsOfSpecs(targets) : legsOfSeeds(targets, seeds);
  const text = JSON.stringify({ include });
  console.log(text);
  if (process.env['GITHUB_OUTPUT']) (await import('@actions/core')).setOutput('matrix', text);
}
