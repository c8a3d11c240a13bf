import { createVitest } from 'vitest/node';
import type { TestUserConfig, Vitest } from 'vitest/node';
import { GateError, messageOf } from '../errors.ts';
import { demandSameSource } from '../gates/same-source.ts';
import type { Source } from '../gates/source.ts';
import { collect } from './collect.ts';
import type { Collected, Filter } from './collect.ts';

/**
 * Has Vitest merge the blobs in `folder` (an absolute path) into one run, of which it tells the reporters of `config`. Throws
 * GateError where it cannot: a blob is damaged, or of another version of Vitest. (`startVitest` prints a stack trace there.)
 */
export async function mergeBlobs(folder: string, config: TestUserConfig): Promise<Vitest> {
  const vitest = await createVitest('test', { ...config, watch: false, mergeReports: folder });
  try {
    await vitest.mergeReports(folder);
    return vitest;
  } catch (error) {
    throw unreadable(error);
  } finally {
    await vitest.close();
  }
}

/**
 * What the tests of merged blobs left behind. Throws GateError where a blob is damaged, or ran on another commit or lock than
 * `here`.
 */
export function collectBlobs(vitest: Vitest, filter: Filter, here: Source): Collected {
  const collected = collectWhole(vitest, filter);
  demandSameSource(collected.facts.tests, here);
  return collected;
}

function collectWhole(vitest: Vitest, filter: Filter): Collected {
  try {
    // Of a blob from a check-out at another path Vitest hands no module to reporters, but has it.
    return collect(vitest.state.getTestModules(), filter);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): GateError {
  return new GateError(
    `Nothing was judged: the blobs cannot be read as one run (${messageOf(error)}). One is damaged, or of another version of Vitest: run the legs again.`,
  );
}
