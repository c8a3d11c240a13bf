import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GateError, messageOf } from '../../errors.ts';
import { type Kernels, SOURCES } from './bindings.ts';
import { HASH_SECTION, hashOfSources } from './sources.ts';

export type { Kernels } from './bindings.ts';

/** Memory below this address belongs to the module's own tables. */
export const FIRST_FREE_ADDRESS = 65_536;
const PAGE_BYTES = 65_536;
/** What asconfig.json declares: 4 GiB, all that a 32-bit address reaches. */
const MAXIMUM_PAGES = 65_536;
/** Of the package: this file lies as deep in src as in dist. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Shared, so that every thread sees the same memory; `bytes` is rounded up to whole pages. Throws GateError where that is more than
 * WebAssembly, or this machine, has.
 */
export function createMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const needs = `The native engine needs ${(bytes / 2 ** 30).toFixed(1)} GiB of memory for this network and this batch`;
  if (pages > MAXIMUM_PAGES) {
    throw new GateError(`${needs}; WebAssembly has 4. Use a smaller batch, or a smaller network.`);
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: MAXIMUM_PAGES, shared: true });
  } catch (error) {
    throw new GateError(
      `${needs}, which this machine did not give: ${messageOf(error)}. Use a smaller batch.`,
    );
  }
}

/** The kernels on `memory`. Throws GateError as `compiledKernels` does. */
export function loadKernels(memory: WebAssembly.Memory, module = compiledKernels()): Kernels {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
  return instance.exports as unknown as Kernels;
}

let kernelModule: WebAssembly.Module | undefined;

/**
 * Compiled once a process; threads are given it. Throws GateError where kernels have not been built, or from other sources than those
 * that are here.
 */
export function compiledKernels(): WebAssembly.Module {
  if (kernelModule === undefined) {
    const module = new WebAssembly.Module(readBinary());
    checkSources(module, hashOfSources(ROOT) ?? SOURCES, SOURCES);
    kernelModule = module;
  }
  return kernelModule;
}

/**
 * Throws GateError where kernels of `module` or their bindings were built from other sources than those with the hash `expected`: whoever
 * changed assembly/ would else train and measure with what it was before.
 */
export function checkSources(module: WebAssembly.Module, expected: string, bindings: string): void {
  const [section] = WebAssembly.Module.customSections(module, HASH_SECTION);
  const found = section === undefined ? 'none' : Buffer.from(section).toString();
  if (found === expected && bindings === expected) return;
  throw new GateError(
    `The WebAssembly kernels are not of these sources: assembly/ and asconfig.json have the hash ${expected}, build/kernels.wasm was built from ${found}, ` +
      `src/engine/native/bindings.ts from ${bindings}. Run \`npm run build:kernels\`.`,
  );
}

function readBinary(): Uint8Array<ArrayBuffer> {
  const file = path.join(ROOT, 'build/kernels.wasm');
  try {
    return new Uint8Array(readFileSync(file));
  } catch {
    throw new GateError(
      `The WebAssembly kernels are missing: expected ${file}. \`npm ci\` builds them; so does \`npm run build:kernels\`.`,
    );
  }
}

function abort(): never {
  throw new Error('A WebAssembly kernel stopped: this is a mistake in assembly/.');
}
