import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { iterations } from '../../src/iterations/index.ts';
import { readRecords, RUNS_FOLDER } from '../../src/training/store.ts';

/** Vitest's order, but of the networks the ones that took longest to train come first: two workers end nearly together. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files), ({ moduleId }) => trainingSeconds(moduleId));
  }
}

/** Sorts what has `seconds`, longest first, among the places of its own; the rest stays where it is. */
export function longestFirst<T>(files: readonly T[], seconds: (file: T) => number | undefined): T[] {
  const sorted = files
    .filter((file) => seconds(file) !== undefined)
    .toSorted((a, b) => seconds(b)! - seconds(a)!);
  return files.map((file) => (seconds(file) === undefined ? file : sorted.shift()!));
}

/** Undefined for a file that is no network's; endless for a network that nobody has trained yet. */
function trainingSeconds(file: string): number | undefined {
  const id = basename(file, '.spec.ts');
  if (!iterations.some((iteration) => iteration.id === id)) return undefined;
  try {
    return readRecords(RUNS_FOLDER, id, 'wasm')[0]?.seconds ?? Number.MAX_VALUE;
  } catch {
    // A record that cannot be read is the gate's to report.
    return Number.MAX_VALUE;
  }
}
