import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findIteration } from '../../../src/iterations/index.ts';
import { readStudy, studyFile } from '../../../src/study/store.ts';
import { summarizeStudy } from '../../../src/study/summarize.ts';
import { RUNS_FOLDER } from '../../../src/training/store.ts';

/** Which epoch each is to hold 99.4 % from. */
const STUDIES: readonly (readonly [number, number])[] = [
  [5, 7],
  [6, 6],
  [7, 5],
  [8, 12],
  [9, 12],
];

it.each(STUDIES)('docs/studies.md says of iteration %i what its study says', (number, from) => {
  const study = readStudy(path.join(RUNS_FOLDER, studyFile(findIteration(number).id, 'wasm')))!;
  const { mean, sd, lowest, highest } = summarizeStudy(study, 99.4).final;
  const held = study.runs.filter(({ testCorrect }) =>
    testCorrect.slice(from - 1).every((right) => right >= 9_940),
  );
  const cells = readFileSync('docs/studies.md', 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .find(([, iteration, n]) => iteration === `${number}` && n === '20')!;
  expect(cells[3]).toBe(mean.toFixed(3));
  expect(cells.slice(5, 8)).toEqual([sd?.toFixed(3), lowest.toFixed(2), highest.toFixed(2)]);
  expect(cells[8]).toBe(`from ${from}: ${held.length} of 20 seeds`);
});
