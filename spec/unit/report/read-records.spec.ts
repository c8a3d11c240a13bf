import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lrScheduler } from '../../../src/iterations/5-lr-scheduler.ts';
import { documentsOf } from '../../../src/report/documents.ts';
import { judgeHeldTestAccuracy } from '../../../src/gates/stock-targets.ts';
import { describeRuns, onePerIteration, readRecords, withStudy } from '../../../src/report/read-records.ts';
import { studyFile, writeStudy } from '../../../src/study/store.ts';
import { evidence, record } from '../../support/records.ts';
import { study, studyRun } from '../../support/studies.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'records-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// The learning rate of a study's runs follows from the record's recipe.
const full = { ...record({ test: [98, 99, 99.5] }), recipe: { ...lrScheduler.recipe } };
const SEEDS = [
  studyRun(1, [9_800, 9_900, 9_950]),
  studyRun(2, [9_800, 9_945, 9_947]),
  studyRun(3, [9_800, 9_900, 9_930]),
];

/** Another iteration of the project promises to hold 99.4 %. */
const held = judgeHeldTestAccuracy(evidence({ id: '9-held' }), 99.4, { from: 1, within: 2 });

describe('records in a folder', () => {
  test('are read beside a study, one an iteration', async () => {
    writeFileSync(join(folder, '5-lr-scheduler.seed-1.json'), JSON.stringify(full));
    writeStudy(folder, study(SEEDS));
    const records = await readRecords(folder);
    expect(onePerIteration(records, 'wasm').map(({ id, seed }) => [id, seed])).toEqual([
      ['5-lr-scheduler', 1],
    ]);
  });

  test('come with every other seed of their study, in order', () => {
    writeStudy(folder, study(SEEDS));
    const { runs, note } = withStudy(full, folder);
    expect(runs.map(({ seed, epochs }) => [seed, epochs.at(-1)!.testCorrect])).toEqual([
      [1, 9_950],
      [2, 9_947],
      [3, 9_930],
    ]);
    expect(runs[0]).toBe(full);
    expect(note).toBeUndefined();
  });

  test('stay alone beside a study of another network, recipe or data, and say so', () => {
    writeStudy(folder, study(SEEDS, { fingerprint: '0'.repeat(64) }));
    const { runs, note } = withStudy(full, folder);
    expect(runs).toEqual([full]);
    expect(note).toMatch(/5-lr-scheduler\.study\.json is left out: .*npm run study/);
  });

  test('are refused beside a study that was changed by hand', () => {
    writeFileSync(
      join(folder, studyFile('5-lr-scheduler', 'wasm')),
      JSON.stringify({ ...study(SEEDS), name: 'Better' }),
    );
    expect(() => withStudy(full, folder)).toThrow('was changed after it was written');
  });
});

test('a study is in the small table, in every seed of the curves and in two histograms', () => {
  writeStudy(folder, study(SEEDS));
  const markers = '<!-- results:begin -->\n<!-- results:end -->\n';
  const made = documentsOf({
    iterations: describeRuns([withStudy(full, folder).runs], [held]),
    readme: markers,
    results: markers,
  });
  // Final 99.50, 99.47 and 99.30 %: mean 99.423, SD 0.108.
  expect(made.get('README.md')).toContain('| 99.42 ± 0.108 | 99.30 | 2 of 3, from 2 to 3 |');
  expect(made.get('docs/results.md')).toContain('5-lr-scheduler-seeds-2.svg');
  const dots = (picture: string) => made.get(`docs/pictures/${picture}.svg`)!.match(/<circle/g)?.length;
  expect(dots('5-lr-scheduler-seeds-1')).toBe(3);
  expect(dots('5-lr-scheduler-seeds-2')).toBe(3);
  // The first seed's line and two thin ones, over a band.
  const curves = made.get('docs/pictures/5-lr-scheduler-curves.svg')!;
  expect(curves.match(/stroke-opacity="0\.45"/g)?.length).toBe(2);
  expect(curves).toContain('3 seeds; the first one is the thick line.');
});
