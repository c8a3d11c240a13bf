import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GateError } from '../errors.ts';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import type { Lock } from '../gates/manifest.ts';
import { runRecordSchema } from '../record.ts';
import type { RunRecord } from '../record.ts';

/** What the base revision promised and measured. */
export interface Base {
  readonly revision: string;
  /** Undefined: the base has no lock yet, so there is nothing to loosen. */
  readonly lock: Lock | undefined;
  readonly records: readonly RunRecord[];
  /** Files of `runs/` at the base that this version cannot read. */
  readonly unreadable: readonly string[];
}

/** Large enough for any lock or record (a few ten KB). */
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads the lock and the records of a git revision, without touching the working tree. `folder` is the project's root. */
export async function readBase(revision: string, folder: string, runs = 'runs'): Promise<Base> {
  const commit = await resolveRevision(revision, folder);
  const files = (
    await git(folder, 'ls-tree', '-r', '--name-only', commit, '--', LOCK_FILE, `${runs}/`)
  ).split('\n');
  const show = (file: string) => git(folder, 'show', `${commit}:./${file}`);
  const lock = files.includes(LOCK_FILE)
    ? parseLock(await show(LOCK_FILE), `${LOCK_FILE} at ${revision}`)
    : undefined;
  const records: RunRecord[] = [];
  const unreadable: string[] = [];
  for (const file of files.filter((name) => name.startsWith(`${runs}/`) && name.endsWith('.json'))) {
    const record = parseRecord(await show(file));
    if (record) records.push(record);
    else unreadable.push(file);
  }
  return { revision, lock, records, unreadable };
}

function parseRecord(text: string): RunRecord | undefined {
  try {
    return runRecordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function resolveRevision(revision: string, folder: string): Promise<string> {
  try {
    const commit = await git(
      folder,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    );
    return commit.trim();
  } catch {
    const shallow = await isShallow(folder);
    if (shallow === undefined) {
      throw new GateError(
        `The base "${revision}" cannot be read: this folder is not a git repository, or git is not installed.`,
      );
    }
    const hint = shallow
      ? 'this clone is shallow: fetch the base (git fetch --depth=1 origin main; with actions/checkout, fetch-depth: 0)'
      : 'check the name, or fetch it (git fetch origin)';
    throw new GateError(`The base "${revision}" is not a revision of this repository; ${hint}.`);
  }
}

async function isShallow(folder: string): Promise<boolean | undefined> {
  try {
    return (await git(folder, 'rev-parse', '--is-shallow-repository')).trim() === 'true';
  } catch {
    return undefined;
  }
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, maxBuffer: MAX_BYTES });
  return stdout;
}
