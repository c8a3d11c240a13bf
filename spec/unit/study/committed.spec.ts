import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../../../src/backend/select.ts';
import { MNIST_SHA256 } from '../../../src/data/mnist.ts';
import { findIteration } from '../../../src/iterations/index.ts';
import { auditStudy } from '../../../src/study/audit.ts';
import { fingerprintNow } from '../../../src/study/fingerprint.ts';
import { parseSeeds } from '../../../src/study/seeds.ts';
import { readStudy } from '../../../src/study/store.ts';
import { summarizeStudy } from '../../../src/study/summarize.ts';
import { FIRST_SEED } from '../../../src/training/evidence.ts';
import { readRecords, RUNS_FOLDER } from '../../../src/training/store.ts';

const FILE = 'docs/studies/5-lr-scheduler.study.json';
const iteration = findIteration(5);

beforeAll(() => selectBackend({ force: 'wasm' }));

it('the study of iteration 5 in docs is of the network, recipe and engine as they are, and of seeds 1 to 20', () => {
  const record = readRecords(RUNS_FOLDER, iteration.id, 'wasm').find(({ seed }) => seed === FIRST_SEED)!;
  const { sha256, train, test, classes } = record.data;
  const flaws = auditStudy(readStudy(FILE), {
    id: iteration.id,
    backend: 'wasm',
    seeds: parseSeeds('1-20'),
    fingerprint: fingerprintNow(iteration, { name: 'wasm' }, MNIST_SHA256),
    epochs: iteration.recipe.epochs,
    data: { sha256, train, test, classes },
    record,
  });
  expect(flaws).toEqual([]);
});

it('docs/studies.md says of it what it says', () => {
  const study = readStudy(FILE)!;
  const { mean, sd, lowest } = summarizeStudy(study, 99.4).final;
  const held = study.runs.filter(({ testCorrect }) => testCorrect.slice(6).every((right) => right >= 9_940));
  const row = readFileSync('docs/studies.md', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('| 20 '))!;
  const cells = row.split('|').map((cell) => cell.trim());
  expect(cells.slice(1, 3)).toEqual(['20', mean.toFixed(3)]);
  expect([cells[4], cells[5]]).toEqual([sd?.toFixed(3), lowest.toFixed(2)]);
  expect(cells[7]).toBe(`${held.length} of 20 seeds`);
});
