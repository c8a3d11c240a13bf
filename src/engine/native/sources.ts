import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { combinedSha256, sha256Of } from '../../data/sha256.ts';

/** Name of the section of kernels.wasm that holds the hash of what it was built from. */
export const HASH_SECTION = 'sources';
const SETTINGS = 'asconfig.json';

/**
 * SHA-256 of everything that kernels.wasm is built from, their names included: `assembly/` and the compiler's settings.
 * Undefined where there are no sources: in an installed package.
 */
export function hashOfSources(root: string): string | undefined {
  const folder = join(root, 'assembly');
  if (!existsSync(folder)) return undefined;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .toSorted();
  const files = [join(root, SETTINGS), ...names.map((name) => join(folder, name))];
  return combinedSha256([
    sha256Of(Buffer.from(names.join('\n'))),
    ...files.map((file) => sha256Of(readFileSync(file))),
  ]);
}
