import { isDeepStrictEqual } from 'node:util';
import { ExitCode, GateError } from '../errors.ts';
import type { TestFact } from './facts.ts';
import type { Source } from './source.ts';

/**
 * Blobs are merged as one run: each must have run on the commit and the lock that are checked out. Throws GateError for a
 * test with targets that did not. Pure.
 */
export function demandSameSource(tests: readonly TestFact[], here: Source): void {
  const stranger = tests.find(
    ({ verdicts, source }) => verdicts.length > 0 && !isDeepStrictEqual(source, here),
  );
  if (!stranger) return;
  throw new GateError(
    `The blob of ${stranger.spec} ran on ${describe(stranger.source)}; checked out is ${describe(here)}. Merge the blobs of one commit: run the legs again.`,
    ExitCode.missing,
  );
}

const DIGITS = 12;

function describe(source: Source | undefined): string {
  if (!source) return 'a commit that it does not tell';
  const { commit, lock } = source;
  return `commit ${commit?.slice(0, DIGITS) ?? 'none'} with lock ${lock?.slice(0, DIGITS) ?? 'none'}`;
}
