import { targets } from '../src/bin/targets.ts';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';

/** `npm run targets`: what people who install the package have as `codecodecode targets`. */
try {
  process.exitCode = await targets(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}
