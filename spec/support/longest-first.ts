import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Vitest's order, but of the networks the ones that took longest to train come first: two workers end nearly together. Reads the
 * records as they lie there: Vitest loads its configuration once a project, and the sources with tfjs each time.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files), ({ moduleId, project }) =>
      project.name === 'networks' ? trainingSeconds(basename(moduleId, '.spec.ts')) : undefined,
    );
  }
}

/** Sorts what has `seconds`, longest first, among the places of its own; the rest stays where it is. */
export function longestFirst<T>(files: readonly T[], seconds: (file: T) => number | undefined): T[] {
  const sorted = files
    .filter((file) => seconds(file) !== undefined)
    .toSorted((a, b) => seconds(b)! - seconds(a)!);
  return files.map((file) => (seconds(file) === undefined ? file : sorted.shift()!));
}

/** Endless for a network that nobody has trained yet; a record that cannot be read is the gate's to report. */
function trainingSeconds(id: string): number {
  try {
    return Number(JSON.parse(readFileSync(`runs/${id}.seed-1.json`, 'utf8')).seconds);
  } catch {
    return Number.MAX_VALUE;
  }
}
