import { existsSync } from 'node:fs';
import { $, echo, which } from 'zx';
import { ExitCode } from '../src/errors.ts';

/**
 * `npm run lint:workflows`: zizmor over the workflows and the action (pinning, permissions, untrusted text, dangerous
 * triggers). It is a program of its own; where none is on the path, its wheel is installed into a folder of the cache.
 */
const VERSION = '1.32.0';
const FOLDER = '.cache/zizmor';
const INPUTS = ['.github', 'action.yml'];

try {
  const { exitCode } = await $({
    stdio: 'inherit',
    nothrow: true,
  })`${await zizmor()} --offline --pedantic ${INPUTS}`;
  process.exitCode = exitCode === 0 ? ExitCode.ok : ExitCode.targetFailed;
} catch (error) {
  console.error(
    `zizmor ${VERSION} could not be installed: ${String(error)}\nInstall it (pip install zizmor==${VERSION}) and put it on the path.`,
  );
  process.exitCode = ExitCode.infrastructure;
}

async function zizmor(): Promise<string> {
  const found = await which('zizmor', { nothrow: true });
  if (found) return found;
  const program = `${FOLDER}/bin/zizmor`;
  if (existsSync(program) && (await $`${program} --version`).stdout.includes(VERSION)) return program;
  echo(`Installing zizmor ${VERSION} into ${FOLDER} ...`);
  await $`python3 -m venv ${FOLDER}`;
  await $`${FOLDER}/bin/pip install --quiet --disable-pip-version-check --only-binary :all: zizmor==${VERSION}`;
  return program;
}
