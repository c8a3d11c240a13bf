import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import { documentsOf, PICTURES, README, RESULTS } from './documents.ts';
import { describeRuns, onePerIteration, readRecords, withStudy } from './read-records.ts';

/** The records that the documents speak of: the same bits on every machine. */
const BACKEND = 'wasm';
/** A digit of MNIST's test images, for the networks to look at: 28 x 28 pixels. */
const DIGIT = 'docs/pictures/digit.png';
const DIGIT_SIZE = 28;

export interface Documents {
  readonly records: number;
  /** Those of the records and of their studies. */
  readonly runs: number;
  /** What a person should know: studies that were left out. */
  readonly notes: readonly string[];
  /** What should be there, by path from the root. */
  readonly expected: ReadonlyMap<string, string>;
  /** Paths whose file says something else, is missing, or should not be there. */
  readonly outOfStep: readonly string[];
}

/** What the records in runs/ make of README, docs/results.md and their pictures, and what of it is not so. */
export async function documents(root: string): Promise<Documents> {
  const lock = join(root, LOCK_FILE);
  const targets = existsSync(lock) ? parseLock(await readFile(lock, 'utf8'), LOCK_FILE).targets : [];
  const folder = join(root, 'runs');
  const records = onePerIteration(await readRecords(folder), BACKEND);
  const found = records.map((record) => withStudy(record, folder));
  const expected = documentsOf({
    iterations: describeRuns(
      found.map(({ runs }) => runs),
      targets,
    ),
    readme: await readFile(join(root, README), 'utf8'),
    results: await readFile(join(root, RESULTS), 'utf8'),
    digit: { size: DIGIT_SIZE, png: await readFile(join(root, DIGIT), 'base64') },
  });
  const pictures = await readdir(join(root, PICTURES));
  const orphans = pictures
    .filter((file) => file.endsWith('.svg'))
    .map((file) => `${PICTURES}/${file}`)
    .filter((path) => !expected.has(path));
  const differing = await Promise.all(
    [...expected].map(async ([path, text]) =>
      (await readFile(join(root, path), 'utf8').catch(() => undefined)) === text ? [] : [path],
    ),
  );
  return {
    records: records.length,
    runs: found.reduce((sum, { runs }) => sum + runs.length, 0),
    notes: found.flatMap(({ note }) => note ?? []),
    expected,
    outOfStep: [...differing.flat(), ...orphans],
  };
}
