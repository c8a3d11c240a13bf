import { join } from 'node:path';
import { echo } from 'zx';
import { ExitCode, GateError } from '../src/errors.ts';
import { buildAddon, ADDON, probeAddon } from './support/tfjs-node/addon.ts';
import { readCommand, type Source, USAGE } from './support/tfjs-node/arguments.ts';
import { locateTensorFlow } from './support/tfjs-node/library.ts';
import {
  installPackage,
  PACKAGE_FOLDER,
  placeAddon,
  removePackage,
  STAMP,
  TFJS_NODE,
  verifyPackage,
  withSources,
} from './support/tfjs-node/package.ts';
import { findInstalledTensorFlow, findPython } from './support/tfjs-node/python.ts';
import { describe, isCurrent, readStamp } from './support/tfjs-node/stamp.ts';
import { checkWheelName, fetchWheel, unpackWheel } from './support/tfjs-node/wheel.ts';

try {
  await main();
  process.exitCode = ExitCode.ok;
} catch (error) {
  if (!(error instanceof GateError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.type === 'help') return echo(USAGE);
  if (command.type === 'remove') {
    return echo((await removePackage()) ? 'tfjs-node is removed' : 'tfjs-node is not installed');
  }
  checkPlatform();
  await install(command.source, command.cache, command.force);
}

async function install(source: Source, cache: string, force: boolean): Promise<void> {
  const tensorFlow = await locateTensorFlow(await folderOf(source, cache), process.arch);
  const stamp = await describe(TFJS_NODE.version, process.arch, tensorFlow);
  if (!force && isCurrent(await readStamp(join(PACKAGE_FOLDER, STAMP)), stamp) && (await computes())) {
    return echo(`tfjs-node ${TFJS_NODE.version} is installed with this TensorFlow already`);
  }
  await withSources(async ({ sources, napiHeaders, staging }) => {
    await buildAddon({ sources, napiHeaders, tensorFlow, staging });
    const version = await probeAddon(join(staging, ADDON), tensorFlow);
    await installPackage();
    try {
      await placeAddon(staging, stamp);
      await verifyPackage();
    } catch (error) {
      // A package without a working addon would be worse than none.
      await removePackage().catch(() => undefined);
      throw error;
    }
    echo(`tfjs-node ${TFJS_NODE.version} is installed with TensorFlow ${version}`);
  });
}

async function computes(): Promise<boolean> {
  return verifyPackage().then(
    () => true,
    () => false,
  );
}

async function folderOf(source: Source, cache: string): Promise<string> {
  switch (source.type) {
    case 'lib':
    case 'site-packages':
      return source.path;
    case 'installed':
      return findInstalledTensorFlow();
    case 'pip':
      return fetchWheel(cache, await findPython('download a wheel with pip'), process.arch);
    case 'wheel':
      checkWheelName(source.path, process.arch);
      return unpackWheel(source.path, cache, await findPython('unpack a wheel'));
  }
}

function checkPlatform(): void {
  if (process.platform !== 'linux') {
    throw new GateError(
      `This script knows Linux only, found ${process.platform}. Try \`npm rebuild ${TFJS_NODE.name}\`, which downloads a TensorFlow; without it everything runs on WASM.`,
    );
  }
}
