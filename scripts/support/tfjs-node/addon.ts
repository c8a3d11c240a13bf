import { mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { $, echo, which } from 'zx';
import { GateError } from '../../../src/errors.ts';
import type { TensorFlow } from './library.ts';

/** Where the loader of tfjs-node looks for its addon and where that looks for its libraries, inside the package. */
export const ADDON = 'lib/napi-v8/tfjs_binding.node';
const LIBRARIES = 'deps/lib';
const NAPI_VERSION = 8;
const SOURCES = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
const COMPILERS = ['g++', 'c++', 'clang++'];

/**
 * Compiles the addon from the unpacked npm package in `sources` into `staging`, laid out as in the package, with links
 * to the libraries. `napiHeaders` holds node_api.h. Throws GateError with what the compiler said.
 */
export async function buildAddon(options: {
  readonly sources: string;
  readonly napiHeaders: string;
  readonly tensorFlow: TensorFlow;
  readonly staging: string;
}): Promise<void> {
  const { sources, napiHeaders, tensorFlow, staging } = options;
  const compiler = await findCompiler(process.env['CXX']);
  const addon = join(staging, ADDON);
  const libraries = join(staging, LIBRARIES);
  await mkdir(dirname(addon), { recursive: true });
  await mkdir(libraries, { recursive: true });
  for (const library of tensorFlow.libraries) await symlink(library, join(libraries, basename(library)));
  const includes = [napiHeaders, ...tensorFlow.includes].map((folder) => `-I${folder}`);
  const inputs = SOURCES.map((source) => join(sources, source));
  const links = tensorFlow.libraries.map((library) => `-l:${basename(library)}`);
  const compile = [compiler, '-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${NAPI_VERSION}`];
  const link = ['-o', addon, `-L${libraries}`, ...links, '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  echo(`Compiling the addon with ${compiler}`);
  const result = await $({ nothrow: true, quiet: true })`${[...compile, ...includes, ...inputs, ...link]}`;
  if (result.exitCode === 0) return;
  throw new GateError(
    `The addon of tfjs-node does not compile against ${dirname(tensorFlow.libraries[0])}: ${firstError(result.stderr)}. ` +
      'The headers are incomplete or of a TensorFlow that does not fit; versions known to work: docs/tfjs-node.md.',
  );
}

/** Loads an addon in a process of its own and returns its TensorFlow's version. Throws GateError with the cause. */
export async function probeAddon(addon: string, tensorFlow: TensorFlow): Promise<string> {
  const script = 'process.stdout.write(String(require(process.argv[1]).TF_Version))';
  const result = await $({ nothrow: true, quiet: true })`${process.execPath} -e ${script} ${addon}`;
  const where = dirname(tensorFlow.libraries[0]);
  if (result.exitCode !== 0 || result.signal) {
    throw new GateError(
      `The addon does not load with the TensorFlow in ${where}: ${explainLoadFailure(result.stderr, result.signal)}`,
    );
  }
  checkVersion(result.stdout, where);
  return result.stdout;
}

/** Throws GateError unless `version` is a TensorFlow 2. */
export function checkVersion(version: string, where: string): void {
  if (/^2\.\d+\./.test(version)) return;
  throw new GateError(
    `The TensorFlow in ${where} does not fit tfjs-node 4.22: expected version 2.x, found ${version || 'none'}. Versions known to work: docs/tfjs-node.md.`,
  );
}

/** What a failed load means and what to do, out of the process' last words and the signal that ended it. */
export function explainLoadFailure(stderr: string, signal: string | null): string {
  if (signal === 'SIGILL')
    return 'this processor lacks an instruction that it was built for, most likely AVX.';
  const symbol = /undefined symbol: (\S+)/.exec(stderr)?.[1];
  if (symbol) {
    return `it lacks ${symbol.replace(/[,)]+$/, '')}, which tfjs-node 4.22 calls. Take a TensorFlow version known to work: docs/tfjs-node.md.`;
  }
  const tooNew = /version `(GLIBC(?:XX)?_[\d.]+)' not found/.exec(stderr)?.[1];
  if (tooNew)
    return `it needs ${tooNew}, newer than this system. Take an older TensorFlow or a newer system.`;
  const missing = /(\S+): cannot open shared object file/.exec(stderr)?.[1];
  if (missing) return `${missing} is not found. Install it, or take the complete TensorFlow package.`;
  return `${firstError(stderr) || `the process ended with ${signal ?? 'no message'}`}. Versions known to work: docs/tfjs-node.md.`;
}

async function findCompiler(preferred: string | undefined): Promise<string> {
  for (const name of preferred ? [preferred] : COMPILERS) {
    if (await which(name, { nothrow: true })) return name;
  }
  throw new GateError(
    `No C++ compiler: expected ${preferred ? `${preferred}, as CXX says,` : COMPILERS.join(', ')} on PATH. Install one (Debian: apt-get install g++), or set CXX.`,
  );
}

function firstError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return (lines.find((line) => /error|undefined reference/i.test(line)) ?? lines.find(Boolean) ?? '').replace(
    /\.$/,
    '',
  );
}
