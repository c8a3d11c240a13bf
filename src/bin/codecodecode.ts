#!/usr/bin/env node
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { action, ACTION_USAGE } from './action.ts';
import { matrix, MATRIX_USAGE } from './matrix.ts';
import { merge, MERGE_USAGE } from './merge.ts';
import { targets, TARGETS_USAGE } from './targets.ts';
import { why, WHY_USAGE } from './why.ts';

const USAGE = `codecodecode COMMAND

${TARGETS_USAGE}
${WHY_USAGE}
${MATRIX_USAGE}
${MERGE_USAGE}
${ACTION_USAGE}`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<ExitCode>>> = {
  targets,
  why,
  matrix,
  merge,
  action,
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main([name = '--help', ...args]: readonly string[]): Promise<ExitCode> {
  const command = COMMANDS[name];
  if (command) return command(args);
  console.log(USAGE);
  return name === '--help' ? ExitCode.ok : ExitCode.infrastructure;
}
