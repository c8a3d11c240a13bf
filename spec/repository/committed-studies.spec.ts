import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findIteration } from '../../src/iterations/index.ts';
import { percent } from '../../src/record.ts';
import { spreadOf } from '../../src/statistics/spread.ts';
import { readStudy, studyFile } from '../../src/study/store.ts';
import { summarizeStudy } from '../../src/study/summarize.ts';
import { RUNS_FOLDER } from '../../src/training/store.ts';

/** Which epoch each is to hold 99.4 % from. */
const STUDIES: readonly (readonly [number, number])[] = [
  [5, 7],
  [6, 6],
  [7, 5],
  [8, 12],
  [9, 12],
];

it.each(STUDIES)('docs/studies.md says of iteration %i what its study says', (number, from) => {
  const study = studyOf(number);
  const { mean, sd, lowest, highest } = summarizeStudy(study, 99.4).final;
  const held = study.runs.filter(({ testCorrect }) =>
    testCorrect.slice(from - 1).every((right) => right >= 9_940),
  );
  const cells = rowOf('## Iterations 5 to 9 on twenty seeds', number);
  expect(cells[3]).toBe(mean.toFixed(3));
  expect(cells.slice(5, 8)).toEqual([sd?.toFixed(3), lowest.toFixed(2), highest.toFixed(2)]);
  expect(cells[8]).toBe(`from ${from}: ${held.length} of 20 seeds`);
});

it.each([1, 2, 3, 4])('and of iteration %i, which says how far it overfits', (number) => {
  const study = studyOf(number);
  const { final, gap } = summarizeStudy(study, 99.4);
  const trained = study.runs.map(({ trainCorrect }) => percent(trainCorrect.at(-1)!, study.data.train));
  const cells = rowOf('## Iterations 1 to 4 on seeds 1 to 20', number);
  expect(cells.slice(3, 6)).toEqual([
    spreadOf(trained).mean.toFixed(3),
    `${final.mean.toFixed(3)} (${final.sd?.toFixed(3)})`,
    `${gap.mean.toFixed(3)} (${gap.sd?.toFixed(3)}), ${gap.lowest.toFixed(3)} to ${gap.highest.toFixed(3)}`,
  ]);
});

const studyOf = (number: number) =>
  readStudy(path.join(RUNS_FOLDER, studyFile(findIteration(number).id, 'wasm')))!;

/** The row of an iteration in the table below `heading`. */
function rowOf(heading: string, number: number): string[] {
  const lines = readFileSync('docs/studies.md', 'utf8').split('\n');
  return lines
    .slice(lines.indexOf(heading))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .find(([, iteration, n]) => iteration === `${number}` && n === '20')!;
}
