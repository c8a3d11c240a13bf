import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { METRES } from '../../src/gates/metrics.ts';
import { Metric, type Target } from '../../src/gates/verdict.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { obtainEvidence } from '../../src/study/evidence.ts';
import { studyHead, studyRunOf } from '../../src/study/run.ts';
import type { StudyRun } from '../../src/study/schema.ts';
import { sealStudy, writeStudy } from '../../src/study/store.ts';
import { type Run, run } from '../../src/training/run.ts';
import { writeRun } from '../../src/training/store.ts';
import { RECIPE, SHORT_DIGITS as DATA, TINY } from '../support/tiny-iteration.ts';

const ITERATION: Iteration = {
  ...TINY,
  recipe: { ...RECIPE, epochs: 2, schedule: { type: 'constant', learningRate: 0.05 } },
};
const SEEDS = [1, 2, 3];

let backend: Backend;
let runs: Run[];
let folder = '';
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
  runs = [];
  for (const seed of SEEDS) runs.push(await run({ iteration: ITERATION, data: DATA, backend, seed }));
}, 60_000);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'study-evidence-'));
  for (const name of ['RETRAIN', 'GATE_TRAIN']) vi.stubEnv(name, '');
  writeRun(folder, runs[0]!.record, runs[0]!.weights);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const obtain = () => obtainEvidence(ITERATION, { backend, data: DATA, folder });
const studied = (change: (run: StudyRun) => StudyRun = (same) => same, head = {}) =>
  writeStudy(
    folder,
    sealStudy({
      ...studyHead(runs[0]!.record),
      ...head,
      runs: runs.map((each) => change(studyRunOf(each, DATA))),
    }),
  );

describe('the evidence of an iteration with a study', () => {
  it('is of every seed, with the figures of each run', async () => {
    studied();
    const evidence = await obtain();
    expect(evidence.runs.map(({ seed }) => seed)).toEqual(SEEDS);
    expect(evidence.runs.map(({ epochs }) => epochs.map(({ testCorrect }) => testCorrect))).toEqual(
      runs.map(({ record }) => record.epochs.map(({ testCorrect }) => testCorrect)),
    );
    expect(evidence.note).toMatch(/^seed 1: .* measured again .*; seeds 2-3: recorded in its study/);
  });

  it('says of accuracy that it is recorded, as there are weights of one seed alone', async () => {
    const target = { metric: Metric.finalTestAccuracy } as Target;
    const { measure } = METRES[Metric.finalTestAccuracy]!;
    expect(measure(await obtain(), target).provenance).toBe('re-evaluated');
    studied();
    expect(measure(await obtain(), target).provenance).toBe('recorded');
  });

  it('is refused where the study is of another network', async () => {
    studied(undefined, { fingerprint: 'e'.repeat(64) });
    await expect(obtain()).rejects.toThrow(/of another network, recipe, data or engine .*npm run study -- 9/);
  });

  it('is refused where study and full record of one seed differ', async () => {
    studied((each) => ({ ...each, trainLoss: each.trainLoss.map((loss) => Number(loss) + 0.5) }));
    await expect(obtain()).rejects.toThrow('seed 1: study and record differ in the figures of epoch 1');
  });

  it('is refused where a mistake is listed that the labels rule out', async () => {
    studied((each) => ({
      ...each,
      mistakes: each.mistakes.map(([image, is, read]) => [image, (is + 1) % 10, read]),
    }));
    await expect(obtain()).rejects.toThrow(/the mistake \[\d+, \d, \d\] cannot be/);
  });
});
