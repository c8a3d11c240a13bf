import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { makeDataset } from '../../src/data/check-dataset.ts';
import { slice } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { parseSummary, summarize } from '../../src/report/summary.ts';
import { obtainEvidence } from '../../src/study/evidence.ts';
import { studyHead, studyRunOf } from '../../src/study/run.ts';
import { parseStudy, sealStudy, studyText } from '../../src/study/store.ts';
import { run, type Run } from '../../src/training/run.ts';
import { readRecord, readWeights, writeRun } from '../../src/training/store.ts';
import { RECIPE, SHORT_DIGITS, TINY } from '../support/tiny-iteration.ts';

const DATA = makeDataset({
  ...SHORT_DIGITS,
  train: slice(SHORT_DIGITS.train, 0, 192),
  test: slice(SHORT_DIGITS.test, 0, 100),
});
/** Learns for an epoch, and is blown up in the next. */
const JUMP: Recipe['schedule'] = {
  type: 'linear',
  points: [
    [0, 0.1],
    [1, 0.1],
    [1.01, 1e30],
    [3, 1e30],
  ],
};
const { momentum: _, ...PLAIN } = RECIPE;
const RECIPES: readonly (readonly [string, Recipe])[] = [
  ['SGD with momentum', { ...RECIPE, schedule: JUMP }],
  ['SGD without momentum', { ...PLAIN, momentum: 0, schedule: JUMP }],
  [
    'averaged weights and validation',
    {
      ...RECIPE,
      schedule: JUMP,
      weightAveraging: { decay: 0.9 },
      validation: { images: 40 },
    },
  ],
];
const silent = { onStep: () => undefined, onEpoch: () => undefined };

let backend: Backend;
let folder = '';
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
  folder = mkdtempSync(path.join(tmpdir(), 'diverged-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(RECIPES)('a run that diverges, by %s,', { timeout: 60_000 }, (name, recipe) => {
  const iteration: Iteration = { ...TINY, recipe };
  let made: Run;
  let runs = '';
  beforeAll(async () => {
    runs = path.join(folder, name);
    made = await run({ iteration, data: DATA, backend, seed: 1 });
  });

  it('is stopped at the end of its epoch, and tells epoch, learning rate and the last finite loss', () => {
    const { epochs, diverged } = made.record;
    expect(epochs).toHaveLength(2);
    const loss = epochs[0]!.trainLoss.toPrecision(4);
    expect(diverged).toMatch(/^training was stopped after epoch 2: its loss is (NaN|-?Infinity) at a /);
    expect(diverged).toContain(
      `learning rate of 1e+30, the last finite one was ${loss} in the epoch before.`,
    );
  });

  it('is written as a record and weights that are read again as they were', () => {
    const file = writeRun(runs, made.record, made.weights);
    const record = readRecord(file);
    expect(record).toEqual(made.record);
    expect(readWeights(runs, record)).toEqual(Buffer.from(made.weights));
    // JSON knows no NaN: what stands there are words, and no null.
    expect(readFileSync(file, 'utf8')).toMatch(/"(train|test)Loss": "(NaN|-?Infinity)"/);
  });

  it('is evidence that says so, in a summary that is read again as it was', async () => {
    const evidence = await obtainEvidence(iteration, { backend, folder: runs, progress: silent, data: DATA });
    expect(evidence.note).toContain(made.record.diverged!);
    const summary = summarize({ rows: [], evidences: [evidence], notices: [], failedTests: 0 });
    const text = JSON.stringify(summary);
    expect(parseSummary(text, 'summary.json')).toEqual(summary);
    expect(text).toContain('training was stopped after epoch 2');
  });

  it('is written into a study that is read again as it was', () => {
    const study = sealStudy({ ...studyHead(made.record), runs: [studyRunOf(made, DATA)] });
    expect(parseStudy(studyText(study), 'a study')).toEqual(study);
  });
});
