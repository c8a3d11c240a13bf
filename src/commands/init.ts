import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { planProject } from '../scaffold/project.ts';
import { writeNew } from '../scaffold/write-new.ts';

export const init = new Command('init')
  .description(
    'Gives a folder a gate: a first network with its spec, its lock of targets, a configuration of Vitest and a workflow; installs what it needs and runs it. In an empty folder, or in a project, whose files all stay as they are.',
  )
  .argument('[folder]', 'where', '.')
  .option('--no-install', 'write the files, and neither install nor run anything')
  .option('--package <source>', 'where npm finds codecodecode, such as a tarball (default: the registry)')
  .action(ending(async (folder, options) => give(resolve(folder), options)));

interface Options {
  readonly install: boolean;
  readonly package?: string | undefined;
}

async function give(folder: string, { install, package: source }: Options): Promise<ExitCode> {
  const { files, manifest, script } = await planProject(folder, source);
  await writeNew(folder, files);
  await writeFile(join(folder, 'package.json'), manifest);
  print([...files.keys(), 'package.json'].map((file) => `written: ${file}`).join('\n'));
  const run = script === 'test' ? 'npm test' : `npm run ${script}`;
  if (!install) {
    print(`Next: npm install, then ${run}.`);
    return ExitCode.ok;
  }
  const installed = await npm(folder, 'install', '--no-audit', '--no-fund');
  if (installed !== 0)
    throw new GateError(`npm install failed (exit code ${installed}): see above. The files are written.`);
  const exitCode = await npm(folder, 'run', '--silent', script);
  if (exitCode === 0) {
    print(`The gate is green: ${run} runs it. Break network.ts, run it again, and read what it says; then put your own network and its
promises in their place (npx codecodecode targets --update locks them).`);
  }
  return exitCode as ExitCode;
}

async function npm(folder: string, ...args: readonly string[]): Promise<number> {
  const onWindows = process.platform === 'win32';
  const child = spawn(onWindows ? 'npm.cmd' : 'npm', args, {
    cwd: folder,
    stdio: 'inherit',
    shell: onWindows,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? ExitCode.infrastructure;
}
