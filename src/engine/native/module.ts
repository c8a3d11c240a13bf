import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GateError } from '../../errors.ts';
import { type Kernels, SOURCES } from './bindings.ts';
import { HASH_SECTION, hashOfSources } from './sources.ts';

export type { Kernels } from './bindings.ts';

/** Memory below this address belongs to the module's own tables. */
export const FIRST_FREE_ADDRESS = 65_536;
const PAGE_BYTES = 65_536;
/** What asconfig.json declares: 1 GiB. */
const MAXIMUM_PAGES = 16_384;
/** Of the package: this file lies as deep in src as in dist. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Shared, so that every thread sees the same memory; `bytes` is rounded up to whole pages. */
export function createMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({
    initial: Math.ceil(bytes / PAGE_BYTES),
    maximum: MAXIMUM_PAGES,
    shared: true,
  });
}

/** The kernels on `memory`. Throws GateError where they have not been built, or from other sources than those that are here. */
export function loadKernels(memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(compiled(), { env: { memory, abort } });
  return instance.exports as unknown as Kernels;
}

let kernelModule: WebAssembly.Module | undefined;

function compiled(): WebAssembly.Module {
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
  const file = `${ROOT}/build/kernels.wasm`;
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
