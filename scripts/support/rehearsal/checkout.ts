import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { cleanEnvironment } from '../../../src/base/git.ts';
import { GateError } from '../../../src/errors.ts';

/** What actions/checkout and "npm ci" do, with this repository in the place of GitHub's. */

type Inputs = Readonly<Record<string, string>>;

/** Whether a step checks out into a folder of the job's own; every other job works where the project lies. */
export function hasOwnFolder(uses: string | undefined, inputs: Inputs | undefined): boolean {
  return uses?.split('@')[0] === 'actions/checkout' && inputs?.['path'] !== undefined;
}

/** Clones into `workspace`/path, at the commit `ref`. With sparse-checkout only git's objects are there, no file. */
export async function checkOut(root: string, workspace: string, inputs: Inputs): Promise<void> {
  const { path = '.', ref = '' } = inputs;
  const folder = join(workspace, path);
  await rm(folder, { recursive: true, force: true });
  const git = gitIn(root);
  await git`git clone --quiet --shared --no-checkout -- ${root} ${folder}`;
  const cloned = gitIn(folder);
  if (inputs['sparse-checkout'] === undefined) await cloned`git checkout --quiet --detach ${ref} --`;
  else await cloned`git update-ref --no-deref HEAD ${ref}`;
}

/** "npm ci" in a folder that was checked out: with the modules of `root` where its lock file names the same. */
export async function install(folder: string, root: string): Promise<void> {
  const lockOf = (where: string) => readFile(join(where, 'package-lock.json'), 'utf8').catch(() => undefined);
  const [own, roots] = await Promise.all([lockOf(folder), lockOf(root)]);
  if (own === roots) await linkModules(folder, root);
  else await $({ cwd: folder, quiet: true })`npm ci --ignore-scripts`;
  // The kernels are those of the commit that is checked out.
  await $({ cwd: folder, quiet: true })`npm run build:kernels --if-present`;
}

async function linkModules(folder: string, root: string): Promise<void> {
  // None of its own: those of a folder above are found from both.
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules')).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
}

/** The commits that a rehearsal is of. */
export interface Rehearsed {
  readonly base: string;
  readonly head: string;
}

/**
 * The working tree as a commit, without touching branch or index, as if it were pushed now; HEAD itself where nothing
 * is changed. The base is `base`, else the commit before. Throws GateError where there is none.
 */
export async function commitsToRehearse(root: string, base: string | undefined): Promise<Rehearsed> {
  const git = gitIn(root);
  const folder = await mkdtemp(join(tmpdir(), 'codecodecode-index-'));
  try {
    const index = join(folder, 'index');
    const own = (await git`git rev-parse --git-path index`).stdout.trim();
    // With its time: git looks again into a file that is as old as the index, and would believe a younger copy.
    await cp(join(root, own), index, { preserveTimestamps: true }).catch(() => undefined);
    const staged = gitIn(root, { GIT_INDEX_FILE: index });
    await staged`git add --all`;
    const tree = (await staged`git write-tree`).stdout.trim();
    const before = (await git`git rev-parse HEAD`).stdout.trim();
    const unchanged = (await git`git rev-parse ${'HEAD^{tree}'}`).stdout.trim() === tree;
    const author = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@example.invalid'];
    const head = unchanged
      ? before
      : (await git`git ${author} commit-tree ${tree} -p ${before} -m Rehearsal`).stdout.trim();
    const from = base ?? (unchanged ? `${before}^` : before);
    return { head, base: await revision(git, from) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function revision(git: ReturnType<typeof gitIn>, name: string): Promise<string> {
  const found = await git({
    nothrow: true,
  })`git rev-parse --verify --quiet --end-of-options ${`${name}^{commit}`}`;
  if (found.exitCode === 0) return found.stdout.trim();
  throw new GateError(`The base ${name} is not a commit of this repository. Name one: --base origin/main.`);
}

function gitIn(cwd: string, more: Readonly<Record<string, string>> = {}) {
  return $({ cwd, quiet: true, env: { ...cleanEnvironment(process.env), ...more } as NodeJS.ProcessEnv });
}
