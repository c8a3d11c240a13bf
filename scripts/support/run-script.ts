import { chalk } from 'zx';
import { GateError } from '../../src/errors.ts';

/** Runs a script: a GateError is a person's mistake, one red message and its exit code; anything else is ours, and thrown. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    console.error(chalk.red(error.message));
    process.exitCode = error.exitCode;
  }
}
