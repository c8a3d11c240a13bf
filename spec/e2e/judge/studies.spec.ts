import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOCK_FILE } from '../../../src/gates/manifest.ts';
import type { Summary } from '../../../src/report/summary.ts';
import type { Study, StudyRun } from '../../../src/study/schema.ts';
import { ID, judgedProject, LOCK, STUDY } from './judged-project.ts';
import type { JudgedProject } from './judged-project.ts';

let project: JudgedProject;
beforeEach(async () => {
  project = await judgedProject(1);
  await project.study(1, 2, 3);
  lock('1-3');
  await project.judged({ replay: 'none' });
});
afterEach(() => project.dispose());

const lock = (seeds: string) => project.write(LOCK_FILE, JSON.stringify({ ...LOCK, seeds: { [ID]: seeds } }));
const causes = ({ findings }: Summary) => findings.map(({ cause }) => cause).join('\n');
const withRun = (seed: number, change: (run: StudyRun) => StudyRun) => (study: Study) => ({
  ...study,
  runs: study.runs.map((run) => (run.seed === seed ? change(run) : run)),
});

describe('a study', () => {
  test('is judged on all of its seeds, one of which is drawn and trained again', async () => {
    project.write('note.txt', 'a change of something else');
    const summary = await project.judged({ replay: 'drawn' });
    expect(causes(summary)).toBe('');
    expect(summary.verdict).toMatchObject({ exitCode: 0, title: expect.stringContaining('3 targets met') });
    expect(summary.iterations[0]).toMatchObject({ runs: [{ seed: 1 }, { seed: 2 }, { seed: 3 }] });
    expect(summary.notices).toContain('1 of 3 runs replayed, to the bit.');
  });

  test('with one figure of one epoch raised and resealed parts at that epoch when it is trained again', async () => {
    project.forgeStudy(
      withRun(2, (run) => ({ ...run, testCorrect: run.testCorrect.with(1, run.testCorrect[1]! + 1) })),
    );
    const summary = await project.judged();
    expect(causes(summary)).toContain(
      `${STUDY}, seed 2: trained again, it parts from the study at epoch 2: testCorrect says`,
    );
    expect(summary.verdict.exitCode).toBe(3);
    expect(summary.notices).toContain('0 of 3 runs replayed, to the bit.');
  });

  test('with other weights after an epoch parts there', async () => {
    project.forgeStudy(withRun(3, (run) => ({ ...run, weights: run.weights.with(0, 'a'.repeat(64)) })));
    expect(causes(await project.judged())).toContain(
      "it parts from the study at epoch 1: the weights' SHA-256",
    );
  });

  test('that leaves out a declared seed is red, and so is the run of the base that is gone', async () => {
    await project.study(1, 3);
    const summary = await project.judged();
    expect(causes(summary)).toContain(`${ID}: seed 2 is declared and has no run`);
    expect(summary.targetChanges).toMatchObject([
      { kind: 'removed', target: `${ID} / record of seed 2 on wasm` },
    ]);
    expect(summary.verdict.exitCode).toBe(3);
  });

  test('with a seed that nobody declared is red', async () => {
    await project.study(1, 2, 3, 4);
    expect(causes(await project.judged())).toContain(`${ID}: seed 4 has a run and is not declared`);
  });

  test('whose declared seeds become fewer is loosened', async () => {
    await project.study(1, 2);
    lock('1-2');
    const { targetChanges } = await project.judged();
    expect(targetChanges).toContainEqual({
      target: `${ID} / seeds`,
      kind: 'loosened',
      from: '1-3',
      to: '1-2',
    });
  });

  test('whose seal does not fit is red', async () => {
    project.write(STUDY, project.read(STUDY).replace('"name":"Tiny"', '"name":"Huge"'));
    expect(causes(await project.judged())).toContain('its seal does not fit its figures');
  });

  test('that contradicts the record beside it is red', async () => {
    project.forgeStudy(withRun(1, (run) => ({ ...run, trainCorrect: run.trainCorrect.with(0, 320) })));
    expect(causes(await project.judged())).toContain('study and record differ in the figures of epoch 1');
  });

  test('that has no record beside it is red', async () => {
    project.remove(`runs/${ID}.seed-1.json`);
    expect(causes(await project.judged())).toContain('there is no full record of one of its runs beside it');
  });
});
