import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf, commitsOf } from './commits.ts';
import { git } from './git.ts';
import { prefixAtBase, readProject } from './project.ts';
import type { CommittedProject } from './project.ts';
import { readTree } from './tree.ts';

/** What the base promised and measured, and which commit that is. */
export interface Base extends CommittedProject {
  /** As it was given. */
  readonly revision: string;
  /** Set where the project lay elsewhere at the base. */
  readonly movedFrom?: string;
}

export interface BaseRequest {
  /** The project's root. */
  readonly folder: string;
  /** Folder of the records, from the root. */
  readonly runs?: string;
  /** Refuse a base that is the commit checked out: on a clean check-out nothing would be compared. */
  readonly otherThanHead?: boolean;
}

/**
 * Reads what the working tree is compared with: the commit where its branch left `revision`, from git's objects.
 * Throws GateError where that cannot be read.
 */
export async function readBase(revision: string, request: BaseRequest): Promise<Base> {
  const { folder, runs, otherThanHead = false } = request;
  const given = await commitOf(folder, revision);
  const head = await commitOf(folder, 'HEAD', 'head');
  const commit =
    given === head && !otherThanHead ? given : (await commitsOf(folder, { base: revision, head })).base!;
  const [prefix, top] = await Promise.all([
    git(folder, 'rev-parse', '--show-prefix').then((text) => text.trimEnd()),
    git(folder, 'rev-parse', '--show-toplevel').then((text) => text.trimEnd()),
  ]);
  const tree = await readTree(folder, commit, prefix);
  const before = prefixAtBase([...tree.all.keys()], prefix, (path) => existsSync(join(top, path)));
  const project = await readProject(before === prefix ? tree : await readTree(folder, commit, before), runs);
  return { ...project, revision, ...(before === prefix ? {} : { movedFrom: before }) };
}
