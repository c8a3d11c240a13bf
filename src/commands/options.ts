import { availableParallelism } from 'node:os';
import { wholeNumber } from '../cli/arguments.ts';
import { ExitCode, GateError } from '../errors.ts';
import { findMnist } from '../data/mnist.ts';
import { iterations } from '../iterations/index.ts';
import { commandLine } from '../command-line.ts';

/** What several commands ask for in the same words. */

export const ITERATION_HELP = `${iterations.map(({ id }) => id).join(', ')}; or its number`;

export const freshOption = [
  '--fresh',
  'start anew where an interrupted training could go on',
  false,
] as const;

/** More processes than that help nobody. */
const MOST_JOBS = 64;

export const jobsOption = [
  '--jobs <n>',
  'processes side by side (default: as many as cores)',
  wholeNumber('--jobs', 1, MOST_JOBS),
] as const;

/** `asked`, or as many as there are cores and things to do. */
export function jobsFor(asked: number | undefined, things: number): number {
  return asked ?? Math.max(1, Math.min(things, availableParallelism()));
}

/** Throws GateError where MNIST would have to be downloaded first: processes side by side would all try. */
export async function demandMnist(): Promise<void> {
  if ((await findMnist()) !== undefined) return;
  throw new GateError(`There is no MNIST at hand: set MNIST_DIR or run \`${commandLine('mnist')}\`.`);
}

/** Throws GateError with CI set: what is promised and what counts as evidence is changed by people. */
export function refuseInCi(message: string): void {
  if (process.env['CI']) throw new GateError(message, ExitCode.missing);
}
