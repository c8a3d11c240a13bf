import { prefixAtBase, readProject } from '../base/project.ts';
import type { CommittedProject } from '../base/project.ts';
import { commitsOf } from '../base/commits.ts';
import { readTree } from '../base/tree.ts';
import { ExitCode, GateError } from '../errors.ts';
import { LOCK_FILE } from '../gates/manifest.ts';
import type { Summary } from '../report/summary.ts';
import { conclude } from './conclude.ts';
import { examineAll } from './examine-all.ts';
import type { JudgeMeans } from './examine-all.ts';
import type { ReplayMode } from './select.ts';

export interface JudgeRequest {
  /** A clone that has both commits; nothing in it is executed. */
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  /** Compare with the base itself, not with where the head left it: on a push. */
  readonly exact: boolean;
  /** Of the project, from the repository's root, with a slash at its end; empty: the root. */
  readonly prefix: string;
  /** Of the records, from the project's folder. */
  readonly runs: string;
  readonly replay: ReplayMode;
  /** What the test run reported, or why that cannot be read; absent: nothing to compare with. */
  readonly reported?: Summary | { readonly unreadable: string };
}

/**
 * The verdict on a commit, from data alone: the promises of its lock, held against those of the base, and its records,
 * measured and trained again by the means that are handed in. What the test run of that commit reported is only compared.
 * Throws GateError where there is nothing to judge.
 */
export async function judge(request: JudgeRequest, means: JudgeMeans): Promise<Summary> {
  const { repository, prefix, runs } = request;
  const commits = await commitsOf(repository, request);
  const head = await readProject(await readTree(repository, commits.head, prefix), runs);
  const base = commits.base === undefined ? undefined : await readBaseOf(request, commits.base, head);
  if (!head.lock && !base?.lock) {
    throw new GateError(
      `Neither ${commits.head.slice(0, 12)} nor its base has a ${prefix}${LOCK_FILE}: nothing is promised. Write it (targets --update) and commit it.`,
      ExitCode.missing,
    );
  }
  const sides = { head, base };
  const examination = await examineAll(request, commits.head, sides, means);
  return conclude(request.reported, sides, examination);
}

/** The project as the base has it, wherever it lay there. */
async function readBaseOf(
  { repository, prefix, runs }: JudgeRequest,
  commit: string,
  { tree }: CommittedProject,
): Promise<CommittedProject & { readonly movedFrom?: string }> {
  const there = await readTree(repository, commit, prefix);
  const before = prefixAtBase([...there.all.keys()], prefix, (path) => tree.all.has(path));
  if (before === prefix) return readProject(there, runs);
  return { ...(await readProject(await readTree(repository, commit, before), runs)), movedFrom: before };
}
