import { ExitCode, GateError, messageOf } from '../errors.ts';
import { git } from './git.ts';

/** Two commits of a repository, by their hashes. */
export interface Commits {
  /** Undefined: there was nothing before (the first push). */
  readonly base: string | undefined;
  readonly head: string;
}

/** What GitHub gives as the commit before the first push. */
const NOTHING = /^0{40,64}$/;

/**
 * The hash of a revision, so that what is read later is the same commit even if the name is moved in between.
 * Throws GateError where it is none: with git's own reason, and how to fetch it.
 */
export async function commitOf(repository: string, revision: string, what = 'base'): Promise<string> {
  // Says first whether this is a repository at all, and if not, why.
  const shallow = (await readable(repository, revision, what)) === 'true';
  try {
    const words = ['--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    return (await git(repository, 'rev-parse', ...words)).trim();
  } catch {
    const hint = shallow
      ? 'this clone is shallow: fetch it (git fetch --depth=1 origin main; with actions/checkout, fetch-depth: 0)'
      : 'check the name, or fetch it (git fetch origin)';
    throw new GateError(`The ${what} "${revision}" is not a revision of this repository; ${hint}.`);
  }
}

/**
 * What a change is compared with: where it left the base's branch; with `exact` the base itself, as on a push, where the
 * commit before the push must not be passed over. Throws GateError where both are the same commit: nothing would be compared.
 */
export async function commitsOf(
  repository: string,
  { base, head, exact = false }: { readonly base: string; readonly head: string; readonly exact?: boolean },
): Promise<Commits> {
  const headCommit = await commitOf(repository, head, 'head');
  if (NOTHING.test(base)) return { base: undefined, head: headCommit };
  const given = await commitOf(repository, base);
  const from = exact ? given : await mergeBase(repository, given, headCommit);
  if (from !== headCommit) return { base: from, head: headCommit };
  throw new GateError(
    `The base "${base}" is the commit that is judged (${headCommit.slice(0, 12)}) or comes after it: nothing would be compared. Give the commit before the change, such as origin/main or, on a push, the one before the push.`,
    ExitCode.missing,
  );
}

async function mergeBase(repository: string, base: string, head: string): Promise<string> {
  try {
    return (await git(repository, 'merge-base', '--end-of-options', base, head)).trim();
  } catch {
    throw new GateError(
      `The base ${base.slice(0, 12)} and ${head.slice(0, 12)} have no commit in common here. Fetch the history of both (with actions/checkout, fetch-depth: 0).`,
    );
  }
}

async function readable(repository: string, revision: string, what: string): Promise<string> {
  try {
    return (await git(repository, 'rev-parse', '--is-shallow-repository')).trim();
  } catch (error) {
    throw new GateError(`The ${what} "${revision}" cannot be read: ${messageOf(error)}`);
  }
}
