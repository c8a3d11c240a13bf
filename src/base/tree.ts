import { GateError } from '../errors.ts';
import { git, gitBytes } from './git.ts';

/** A file as a commit has it. */
export interface TreeFile {
  /** Git's hash of the content: equal hashes are equal files. */
  readonly hash: string;
  readonly bytes: number;
  /** A link leads to content that the commit does not hold. */
  readonly link: boolean;
}

/** The files of a project as a commit has them: read from git's objects, never from the working tree. */
export interface Tree {
  readonly commit: string;
  /** Of the project, from the repository's root, with a slash at its end; empty: the root. */
  readonly prefix: string;
  /** By path from the project's folder. */
  readonly files: ReadonlyMap<string, TreeFile>;
  /** Every file of the repository, by path from its root. */
  readonly all: ReadonlyMap<string, TreeFile>;
  /** Throws GateError where the file is not there, is a link, or is too large to be one of the gate's. */
  readonly read: (path: string) => Promise<Buffer>;
}

/** No lock, record or file of weights comes near it. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** "100644 blob 5ebedb4...     123\tpath": mode, type, hash, size and path of an entry of `git ls-tree --long`. */
const ENTRY = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s;
const LINK = '120000';

/** The project in `prefix` of a commit. `commit` is a hash; see `commitOf`. */
export async function readTree(repository: string, commit: string, prefix: string): Promise<Tree> {
  // Without -z git quotes every path that is not ASCII.
  const listed = await git(repository, 'ls-tree', '-r', '-z', '--long', '--full-tree', commit);
  const all = new Map(listed.split('\0').flatMap(entryOf));
  const files = new Map(
    [...all]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, file]) => [path.slice(prefix.length), file] as const),
  );
  return {
    commit,
    prefix,
    files,
    all,
    read: async (path) => {
      const file = files.get(path);
      const where = `${prefix}${path} at ${commit.slice(0, 12)}`;
      if (!file) throw new GateError(`${where} is not there.`);
      if (file.link) throw new GateError(`${where} is a link: commit the file itself.`);
      if (file.bytes > MAX_FILE_BYTES) {
        throw new GateError(`${where} has ${file.bytes} bytes: at most ${MAX_FILE_BYTES} are read.`);
      }
      return gitBytes(repository, 'cat-file', 'blob', file.hash);
    },
  };
}

function entryOf(text: string): [string, TreeFile][] {
  const [, mode, type, hash, bytes, path] = ENTRY.exec(text) ?? [];
  if (type !== 'blob') return [];
  return [[path!, { hash: hash!, bytes: Number(bytes), link: mode === LINK }]];
}
