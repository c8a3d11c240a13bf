import { git } from '../../src/base/git.ts';

/** Of how many one is in the sample of a pull request. */
const EVERY = 12;

/** Whether everything is asked for: CORPUS=all. */
export const isWhole = process.env['CORPUS'] === 'all';

/**
 * All of `list` where CORPUS=all says so, else every 12th, from a place that the hash of the commit decides: as commits go by, all
 * have their turn.
 */
export async function sampleOf<T>(list: readonly T[]): Promise<readonly T[]> {
  if (isWhole) return list;
  const first = Number.parseInt((await commit()).slice(0, 8), 16) % EVERY;
  return list.filter((_, i) => i % EVERY === first);
}

/** Where git is not to be asked, as in a tarball, one and the same. */
async function commit(): Promise<string> {
  return git('.', 'rev-parse', 'HEAD').catch(() => '0');
}
