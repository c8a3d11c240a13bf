import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../../../src/backend/select.ts';
import { MNIST_SHA256 } from '../../../src/data/mnist.ts';
import { findIteration } from '../../../src/iterations/index.ts';
import { auditStudy } from '../../../src/study/audit.ts';
import { fingerprintNow } from '../../../src/study/fingerprint.ts';
import { parseSeeds } from '../../../src/study/seeds.ts';
import { readStudy, studyFile } from '../../../src/study/store.ts';
import { summarizeStudy } from '../../../src/study/summarize.ts';
import { FIRST_SEED } from '../../../src/training/evidence.ts';
import { readRecords, RUNS_FOLDER } from '../../../src/training/store.ts';

/** Which epoch each promises to hold 99.4 % from. */
const STUDIES: readonly (readonly [number, number])[] = [
  [5, 7],
  [6, 6],
];
const fileOf = (number: number) => path.join('docs/studies', studyFile(findIteration(number).id, 'wasm'));

beforeAll(() => selectBackend({ force: 'wasm' }));

it.each(STUDIES)(
  'the study of iteration %i in docs is of the network, recipe and engine as they are, and of seeds 1 to 20',
  (number) => {
    const iteration = findIteration(number);
    const record = readRecords(RUNS_FOLDER, iteration.id, 'wasm').find(({ seed }) => seed === FIRST_SEED)!;
    const { sha256, train, test, classes } = record.data;
    const flaws = auditStudy(readStudy(fileOf(number)), {
      id: iteration.id,
      backend: 'wasm',
      seeds: parseSeeds('1-20'),
      fingerprint: fingerprintNow(iteration, { name: 'wasm' }, MNIST_SHA256),
      epochs: iteration.recipe.epochs,
      data: { sha256, train, test, classes },
      record,
    });
    expect(flaws).toEqual([]);
  },
);

it.each(STUDIES)('docs/studies.md says of iteration %i what its study says', (number, from) => {
  const study = readStudy(fileOf(number))!;
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
