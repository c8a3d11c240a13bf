import { Command, CommanderError, Help } from '@commander-js/extra-typings';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { inertLines } from '../report/text.ts';
import { helpColumns, printError, toleratePipesThatClose } from './terminal.ts';

const EXIT_CODES = `
Exit codes: 0 done, or every target met; 1 a target is not met; 2 a regression
against the base; 3 missing, skipped, loosened, refused or out of step;
4 a mistake in the command, or it could not be done.`;

/** How a program's commands come: their summaries are at hand, their code is loaded for the one that runs. */
export interface LazyCommand {
  readonly summary: string;
  readonly load: () => Promise<CommandUnknownOpts>;
}

/** Runs a program of many commands and sets the exit code of the process. */
export async function runCommands(
  name: string,
  version: string,
  commands: Readonly<Record<string, LazyCommand>>,
  argv: readonly string[],
): Promise<void> {
  await told(async () =>
    (await programOf(name, version, commands, argv)).parseAsync(argvOrHelp(argv), { from: 'user' }),
  );
}

/** Runs a program that is one command and sets the exit code of the process. */
export async function runCommand(command: CommandUnknownOpts, argv: readonly string[]): Promise<void> {
  await told(() => equip(command).parseAsync([...argv], { from: 'user' }));
}

/**
 * The program, with the command that `argv` names loaded and the others known by name and summary: that is enough to list them,
 * and to say which is nearest to a slip.
 */
export async function programOf(
  name: string,
  version: string,
  commands: Readonly<Record<string, LazyCommand>>,
  argv: readonly string[],
): Promise<CommandUnknownOpts> {
  const program = equip(new Command(name).usage('COMMAND [options]').version(version));
  const wanted = argv[0] === 'help' ? argv[1] : argv[0];
  for (const [each, { summary, load }] of Object.entries(commands)) {
    const command: CommandUnknownOpts = each === wanted ? await load() : new Command(each);
    program.addCommand(equip(command.name(each).summary(summary)));
  }
  return program;
}

/** An action that ends with an exit code: none is 0. */
export function ending<A extends unknown[]>(
  action: (...args: A) => Promise<ExitCode | void>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    const exitCode = (await action(...args)) ?? ExitCode.ok;
    process.exitCode = Math.max(Number(process.exitCode ?? ExitCode.ok), exitCode);
  };
}

function argvOrHelp(argv: readonly string[]): string[] {
  return argv.length === 0 ? ['--help'] : [...argv];
}

/** Help of one width with the exit codes below it; mistakes are thrown, not printed. */
function equip(command: CommandUnknownOpts): CommandUnknownOpts {
  return command
    .exitOverride()
    .configureHelp({
      // That a switch is off where nobody sets it goes without saying.
      optionDescription: (option) =>
        option.defaultValue === false ? option.description : Help.prototype.optionDescription(option),
    })
    .configureOutput({
      getOutHelpWidth: () => helpColumns(),
      getErrHelpWidth: () => helpColumns(process.stderr),
      writeErr: () => undefined,
    })
    .addHelpText('after', EXIT_CODES);
}

async function told(parse: () => Promise<unknown>): Promise<void> {
  toleratePipesThatClose();
  try {
    await parse();
  } catch (error) {
    // Help and version were asked for and printed.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    // A message may quote what it found; none of it is a command to GitHub's runner.
    printError(inertLines(error instanceof CommanderError ? mistakeIn(error) : messageOf(error)));
    process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
  }
}

/** "unknown option '--sed'. Did you mean --seed?" in one line. */
function mistakeIn({ message }: CommanderError): string {
  const [what, near] = message.replace(/^error: /, '').split('\n');
  const suggestion = /\((Did you mean .*\?)\)/.exec(near ?? '')?.[1];
  return `${what!.replace(/\.$/, '')}. ${suggestion ?? 'Add --help to see what there is.'}`;
}
