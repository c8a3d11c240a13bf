import { chalk } from 'zx';
import { ExitCode, GateError } from '../../src/errors.ts';

/**
 * Runs a script: a GateError is a person's mistake, one red message and its exit code; anything else is ours, with its stack. It is not
 * thrown: Node would print the line it comes from, and in a minified file that is all of the file.
 */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const told = error instanceof GateError ? error.message : error instanceof Error ? error.stack : error;
    console.error(chalk.red(told));
    process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
  }
}
