import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf } from '../base/commits.ts';
import { ExitCode, GateError } from '../errors.ts';
import { LOOSENED_FILE } from '../gates/loosening.ts';
import { LOCK_FILE } from '../gates/manifest.ts';

/** What a run is held against, as it is before the first spec runs: a spec that rewrites it is found out at the end. */
export interface Frozen {
  /** The texts; undefined: there is no such file. */
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly base: string | undefined;
  /** Of the base, whatever becomes of its name; undefined: no base, or one that cannot be read, which is told later. */
  readonly commit: string | undefined;
}

const HELD = [LOCK_FILE, LOOSENED_FILE] as const;

export async function freeze(root: string, base: string | undefined): Promise<Frozen> {
  return {
    files: Object.fromEntries(HELD.map((file) => [file, readIfThere(join(root, file))])),
    base,
    commit: base === undefined ? undefined : await commitOf(root, base).catch(() => undefined),
  };
}

/** Throws GateError where something is not as it was when the run began. */
export async function checkFrozen(root: string, before: Frozen): Promise<void> {
  const now = await freeze(root, before.base);
  const changed = HELD.find((file) => now.files[file] !== before.files[file]);
  if (changed !== undefined) {
    throw new GateError(
      `${changed} is not what it was when the run began: something rewrites it while the tests run. Restore it with git, and look for who does.`,
      ExitCode.missing,
    );
  }
  if (now.commit !== before.commit) {
    throw new GateError(
      `The base "${before.base}" was ${before.commit ?? 'no commit'} when the run began, and is ${now.commit ?? 'no commit'} now: something moves it while the tests run.`,
      ExitCode.missing,
    );
  }
}

export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
