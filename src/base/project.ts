import { ExitCode, GateError } from '../errors.ts';
import { LOOSENED_FILE, parseAcknowledgements } from '../gates/loosening.ts';
import type { Acknowledgement } from '../gates/loosening.ts';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import type { Lock } from '../gates/manifest.ts';
import { runRecordSchema } from '../record.ts';
import type { RunRecord } from '../record.ts';
import type { Tree } from './tree.ts';

/** What a commit promises and what it has measured. */
export interface CommittedProject {
  readonly tree: Tree;
  /** Undefined: it has no lock, so there is nothing to loosen. */
  readonly lock: Lock | undefined;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly records: readonly CommittedRecord[];
  /** Files among the records that this version cannot read, and why. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

export interface CommittedRecord {
  /** From the project's folder. */
  readonly file: string;
  /** Git's hash of the file: equal hashes are equal files. */
  readonly hash: string;
  readonly record: RunRecord;
}

/** Studies of many seeds lie among the records and are read elsewhere. */
const STUDY = /\.study\.json$/;

/** Lock, acknowledgements and records of a commit; `runs`: folder of the records. Throws GateError where lock or acknowledgements cannot be read. */
export async function readProject(tree: Tree, runs = 'runs'): Promise<CommittedProject> {
  const at = `at ${tree.commit.slice(0, 12)}`;
  const textOf = async (file: string) =>
    tree.files.has(file) ? (await tree.read(file)).toString('utf8') : undefined;
  const [lock, acknowledgements] = [await textOf(LOCK_FILE), await textOf(LOOSENED_FILE)];
  const records: CommittedRecord[] = [];
  const unreadable: { file: string; reason: string }[] = [];
  for (const [file, { hash }] of tree.files) {
    if (!file.startsWith(`${runs}/`) || !file.endsWith('.json') || STUDY.test(file)) continue;
    const read = await readRecord(tree, file);
    if (typeof read === 'string') unreadable.push({ file, reason: read });
    else records.push({ file, hash, record: read });
  }
  return {
    tree,
    lock: lock === undefined ? undefined : parseLock(lock, `${LOCK_FILE} ${at}`),
    acknowledgements:
      acknowledgements === undefined ? [] : parseAcknowledgements(acknowledgements, `${LOOSENED_FILE} ${at}`),
    records,
    unreadable,
  };
}

/**
 * Where the base has the project that the head has at `prefix`: a project that was moved is compared with what it was
 * before. `remains`: whether the head still has a path of the base.
 */
export function prefixAtBase(
  paths: readonly string[],
  prefix: string,
  remains: (path: string) => boolean,
): string {
  const locks = paths.filter((path) => path === LOCK_FILE || path.endsWith(`/${LOCK_FILE}`));
  if (locks.includes(prefix + LOCK_FILE)) return prefix;
  const gone = locks.filter((path) => !remains(path));
  if (gone.length > 1) {
    throw new GateError(
      `The base has no ${prefix}${LOCK_FILE}, and several that are gone now (${gone.join(', ')}): which of them was moved here cannot be told. Move one project at a time.`,
      ExitCode.missing,
    );
  }
  return gone[0]?.slice(0, -LOCK_FILE.length) ?? prefix;
}

/** Or why it is none, in a line. */
async function readRecord(tree: Tree, file: string): Promise<RunRecord | string> {
  try {
    const parsed = runRecordSchema.safeParse(JSON.parse((await tree.read(file)).toString('utf8')));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return `${issue!.path.join('.') || 'the file'}: ${issue!.message}`;
  } catch (error) {
    // Bad JSON, a link, or an object nested deeper than any parser goes.
    return error instanceof Error ? error.message : String(error);
  }
}
