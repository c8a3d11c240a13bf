import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { $, echo } from 'zx';
import { GateError } from '../../../src/errors.ts';
import type { Stamp } from './stamp.ts';

export const TFJS_NODE = { name: '@tensorflow/tfjs-node', version: '4.22.0' } as const;
/** Node-API's headers, so that Node's own need not be downloaded; a patch of it cannot change a stable ABI. */
const NAPI_HEADERS = { name: 'node-api-headers', version: '1.9.0' } as const;
/** As src/backend/select.ts does before it loads tfjs-node, which calls this function that Node 23 removed. */
const PREPARE = "require('node:util').isNullOrUndefined ??= (value) => value == null";

export const PACKAGE_FOLDER = join('node_modules', TFJS_NODE.name);
/** Inside the package: what this project built, beside what npm's own install script would have put there. */
export const STAMP = 'deps/built-by-codecodecode.json';

/** Calls `work` with the unpacked sources of the addon and Node-API's headers; both are gone afterwards. */
export async function withSources<Result>(
  work: (folders: { sources: string; napiHeaders: string; staging: string }) => Promise<Result>,
): Promise<Result> {
  // Inside node_modules, so that the result can be renamed into the package; npm leaves names with a dot alone.
  await mkdir('node_modules', { recursive: true });
  const temporary = await mkdtemp(resolve('node_modules', '.tfjs-node-'));
  try {
    echo(`Fetching ${TFJS_NODE.name} ${TFJS_NODE.version} without its install script`);
    return await work({
      sources: await unpack(TFJS_NODE, temporary),
      napiHeaders: join(await unpack(NAPI_HEADERS, temporary), 'include'),
      staging: join(temporary, 'staging'),
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Installs the package and what it depends on as package-lock.json says, running no install script. */
export async function installPackage(): Promise<void> {
  echo('Installing its JavaScript with npm');
  await npm(['install', '--no-save', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund']);
  const version = await installedVersion();
  if (version !== TFJS_NODE.version) {
    await removePackage();
    throw new GateError(
      `npm installed ${TFJS_NODE.name} ${version ?? '(nothing)'}, expected ${TFJS_NODE.version}: package.json or package-lock.json names another. Restore both, then run this again.`,
    );
  }
}

/** Moves a staged addon into the package, in place of any other, with a stamp that says what it is. */
export async function placeAddon(staging: string, stamp: Stamp): Promise<void> {
  await writeFile(join(staging, STAMP), `${JSON.stringify(stamp, null, 2)}\n`);
  for (const folder of ['lib', 'deps']) {
    await rm(join(PACKAGE_FOLDER, folder), { recursive: true, force: true });
    await rename(join(staging, folder), join(PACKAGE_FOLDER, folder));
  }
}

/** Computes with the installed package in a process of its own, as its users will. Throws GateError with the cause. */
export async function verifyPackage(): Promise<void> {
  const compute = `${PREPARE}; const tf = require('${TFJS_NODE.name}'); process.stdout.write(String(tf.add(1, 1).dataSync()[0]))`;
  const result = await $({ nothrow: true, quiet: true })`${process.execPath} -e ${compute}`;
  if (result.exitCode === 0 && result.stdout === '2') return;
  const cause = result.stderr.split('\n').find((line) => /error/i.test(line)) ?? `1 + 1 = ${result.stdout}`;
  throw new GateError(
    `The installed tfjs-node does not compute: ${cause.trim()}. Versions known to work: docs/tfjs-node.md.`,
  );
}

/** Takes the package and what only it needs out again; package.json and package-lock.json stay as they are. */
export async function removePackage(): Promise<boolean> {
  if ((await installedVersion()) === undefined) return false;
  await npm(['uninstall', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', TFJS_NODE.name]);
  await rm(PACKAGE_FOLDER, { recursive: true, force: true });
  return true;
}

async function installedVersion(): Promise<string | undefined> {
  try {
    return String(JSON.parse(await readFile(join(PACKAGE_FOLDER, 'package.json'), 'utf8')).version);
  } catch {
    return undefined;
  }
}

async function unpack({ name, version }: { name: string; version: string }, parent: string): Promise<string> {
  const folder = join(parent, name.replace('/', '-'));
  await mkdir(folder);
  await npm(['pack', `${name}@${version}`, '--pack-destination', folder, '--ignore-scripts']);
  const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  await $({ quiet: true })`tar -xzf ${join(folder, archive ?? '')} -C ${folder}`;
  return join(folder, 'package');
}

async function npm(args: readonly string[]): Promise<void> {
  const result = await $({ nothrow: true, quiet: true })`npm ${args}`;
  if (result.exitCode === 0) return;
  const cause =
    result.stderr.split('\n').find((line) => /^npm (error|ERR!)/.test(line)) ??
    `exit code ${result.exitCode}`;
  throw new GateError(
    `npm ${args[0]} failed (${cause}). Check the network and npm's registry, then run this again.`,
  );
}
