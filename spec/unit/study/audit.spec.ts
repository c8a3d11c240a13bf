import { describe, expect, test } from 'vitest';
import { auditStudy, type StudyExpectation } from '../../../src/study/audit.ts';
import type { StudyRun } from '../../../src/study/schema.ts';
import { FINGERPRINT, study, studyRun } from '../../support/studies.ts';

const EXPECTED: StudyExpectation = {
  id: '5-lr-scheduler',
  backend: 'wasm',
  seeds: [1, 2, 3],
  fingerprint: FINGERPRINT,
  epochs: 3,
  data: { sha256: 'd'.repeat(64), train: 60_000, test: 10_000, classes: 10 },
};

const runs = [studyRun(1), studyRun(2), studyRun(3)];
const audit = (found: Parameters<typeof auditStudy>[0], expected: Partial<StudyExpectation> = {}) =>
  auditStudy(found, { ...EXPECTED, ...expected });

describe('the audit of a study', () => {
  test('finds nothing in one that is as declared', () => {
    expect(audit(study(runs))).toEqual([]);
  });

  test('says that there is none', () => {
    expect(audit(undefined)).toEqual([
      { kind: 'missing', message: '5-lr-scheduler: no study; declared: seeds 1-3' },
    ]);
  });

  test.each([
    ['missing', runs.slice(0, 2), 3],
    ['added', [...runs, studyRun(4)], 4],
    ['doubled', [...runs, studyRun(2)], 2],
  ])('names a seed that is %s', (kind, changed, seed) => {
    const flaws = audit(study(changed));
    expect(flaws).toEqual([expect.objectContaining({ kind, seed })]);
    expect(flaws[0]!.message).toContain(`seed ${seed} `);
  });

  test.each([
    ['stale', { fingerprint: 'e'.repeat(64) }, 'seeds 1-3 are stale'],
    ['stale', { data: { ...study(runs).data, sha256: 'e'.repeat(64) } }, 'other data'],
    ['stale', { data: { ...study(runs).data, train: 50_000 } }, 'other data'],
    ['backend', { backend: { name: 'cpu', version: '4' } }, 'backend cpu, expected wasm'],
    ['form', { id: '6-other' }, 'says it is of 6-other'],
  ])('finds one that is wrong as a whole: %s', (kind, more, words) => {
    const flaws = audit(study(runs, more));
    expect(flaws.map((flaw) => flaw.kind)).toContain(kind);
    expect(flaws.map(({ message }) => message).join('\n')).toContain(words);
  });

  const good = studyRun(3);
  const bad: readonly [string, Partial<StudyRun>][] = [
    ['2 epochs of testCorrect', { testCorrect: [9_800, 9_950] }],
    ['4 epochs of trainLoss', { trainLoss: [1, 1, 1, 1] }],
    ['2 epochs of weights', { weights: good.weights.slice(1) }],
    ['testCorrect of epoch 2 is 10001', { testCorrect: [9_800, 10_001, 9_950] }],
    ['trainCorrect of epoch 3 is 60001', { trainCorrect: [1, 2, 60_001] }],
    ['50 mistakes are listed, its last epoch has 49', { testCorrect: [9_800, 9_900, 9_951] }],
    ['the mistake [10000, 6, 0]', { mistakes: [...good.mistakes.slice(1), [10_000, 6, 0]] }],
    ['the mistake [0, 6, 6]', { mistakes: [[0, 6, 6], ...good.mistakes.slice(1)] }],
    ['the mistake [0, 6, 10]', { mistakes: [[0, 6, 10], ...good.mistakes.slice(1)] }],
    ['the mistake [7, 6, 0]', { mistakes: [[7, 6, 0], ...good.mistakes.slice(1)] }],
  ];
  test.each(bad)('finds a run with %s', (words, more) => {
    const flaws = audit(study([...runs.slice(0, 2), { ...good, ...more }]));
    expect(flaws).toEqual([expect.objectContaining({ kind: 'form', seed: 3 })]);
    expect(flaws[0]!.message).toContain(`5-lr-scheduler, seed 3: ${words}`);
  });

  test('holds the true classes of the mistakes against the labels', () => {
    const labels = new Uint8Array(10_000).fill(6);
    expect(audit(study(runs), { labels })).toEqual([]);
    labels[7] = 5;
    expect(audit(study(runs), { labels }).map(({ seed }) => seed)).toEqual([1, 2, 3]);
  });
});
