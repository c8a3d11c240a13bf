#!/usr/bin/env node
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { inertLines } from '../report/text.ts';

interface Command {
  readonly usage: string;
  readonly run: (args: readonly string[]) => Promise<ExitCode>;
}

/** Loaded one by one: some bring Vitest with them, which takes seconds. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  targets: () => import('./targets.ts').then((file) => ({ usage: file.TARGETS_USAGE, run: file.targets })),
  why: () => import('./why.ts').then((file) => ({ usage: file.WHY_USAGE, run: file.why })),
  report: () => import('./report.ts').then((file) => ({ usage: file.REPORT_USAGE, run: file.report })),
  matrix: () => import('./matrix.ts').then((file) => ({ usage: file.MATRIX_USAGE, run: file.matrix })),
  merge: () => import('./merge.ts').then((file) => ({ usage: file.MERGE_USAGE, run: file.merge })),
  judge: () => import('./judge.ts').then((file) => ({ usage: file.JUDGE_USAGE, run: file.judge })),
  action: () => import('./action.ts').then((file) => ({ usage: file.ACTION_USAGE, run: file.action })),
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A message may quote what it found; none of it is a command to GitHub's runner.
  console.error(inertLines(messageOf(error)));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main([name = '--help', ...args]: readonly string[]): Promise<ExitCode> {
  const load = COMMANDS[name];
  if (load) return (await load()).run(args);
  const commands = await Promise.all(Object.values(COMMANDS).map((each) => each()));
  console.log(['codecodecode COMMAND', '', ...commands.map(({ usage }) => usage)].join('\n'));
  return name === '--help' ? ExitCode.ok : ExitCode.infrastructure;
}
