import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LOCK_FILE, parseLock } from '../../../src/gates/manifest.ts';
import { onePerIteration, readRecords } from '../../../src/report/read-records.ts';
import { withResults } from '../../../src/report/readme.ts';

test('the results in README.md are those of the records in runs/ (else: npm run summary)', async () => {
  const readme = await readFile('README.md', 'utf8');
  const lock = parseLock(await readFile(LOCK_FILE, 'utf8'), LOCK_FILE);
  const records = onePerIteration(await readRecords('runs'), 'wasm');
  expect(records).not.toHaveLength(0);
  expect(withResults(readme, records, lock.targets)).toBe(readme);
});
