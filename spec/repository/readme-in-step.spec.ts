import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { documents } from '../../src/report/documents-in-folder.ts';

describe('the documents', () => {
  test('are those of the records in runs/ (else: npm run summary)', async () => {
    const { records, expected, outOfStep } = await documents('.');
    expect(records).toBeGreaterThan(0);
    expect(expected.size).toBeGreaterThan(2 * records);
    expect(outOfStep).toEqual([]);
  });

  test('have no entities where no hostile name needs one', async () => {
    for (const file of ['README.md', 'docs/results.md', 'docs/selftest.md', 'docs/recipes.md'])
      expect(await readFile(file, 'utf8')).not.toContain('&#');
  });

  test('begin with a README of less than 120 lines and one picture', async () => {
    const readme = await readFile('README.md', 'utf8');
    expect(readme.split('\n').length).toBeLessThan(120);
    expect(readme.match(/!\[/g)).toHaveLength(1);
  });
});
