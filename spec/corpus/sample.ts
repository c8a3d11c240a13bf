import { git } from '../../src/base/git.ts';

/**
 * Of how many networks one is trained: a twelfth, or all of them with CORPUS=1, as on schedule.
 */
export const ONE_OF = oneOf(process.env['CORPUS']);

/** Every n-th of `list`, from a place that the hash of the commit decides: as commits go by, all have their turn. */
export async function sampleOf<T>(list: readonly T[], n = ONE_OF): Promise<readonly T[]> {
  const every = Math.max(1, Math.round(n));
  const first = Number.parseInt((await commit()).slice(0, 8), 16) % every;
  return list.filter((_, i) => i % every === first);
}

function oneOf(set: string | undefined): number {
  if (set === undefined || set === '') return 12;
  if (/^[1-9]\d*$/.test(set)) return Number(set);
  throw new Error(`CORPUS=${set}: expected of how many networks one is taken, such as 1 for all.`);
}

/** Where git is not to be asked, as in a tarball, one and the same. */
async function commit(): Promise<string> {
  return git('.', 'rev-parse', 'HEAD').catch(() => '0');
}
