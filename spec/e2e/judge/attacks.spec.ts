import { copyFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOOSENED_FILE } from '../../../src/gates/loosening.ts';
import { LOCK_FILE } from '../../../src/gates/manifest.ts';
import type { RunRecord } from '../../../src/record.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { ID, judgedProject, LOCK, RECORD, STUDY } from './judged-project.ts';
import type { JudgedProject } from './judged-project.ts';

let project: JudgedProject;
beforeEach(async () => {
  project = await judgedProject(1);
});
afterEach(() => project.dispose());

const causes = ({ findings }: Summary) => findings.map(({ cause }) => cause).join('\n');
const loose = { ...LOCK.targets[2]!, target: 1e9 };

describe('the judge is not taken in by', () => {
  test('a lock that promises the same twice, once strictly and once not', async () => {
    project.write(LOCK_FILE, JSON.stringify({ ...LOCK, targets: [loose, ...LOCK.targets] }));
    await expect(project.judged()).rejects.toThrow(`promises "${ID} / parameters <" twice`);
  });

  test('an acknowledgement whose reason is blank', async () => {
    const entry = {
      target: `${ID} / parameters <`,
      from: 'parameters < 3,000',
      to: 'parameters < 1,000,000,000',
      reason: ' '.repeat(20),
    };
    project.write(LOCK_FILE, JSON.stringify({ ...LOCK, targets: LOCK.targets.with(2, loose) }));
    project.write(LOOSENED_FILE, JSON.stringify([entry]));
    await expect(project.judged()).rejects.toThrow('a reason of at least ten characters');
  });

  test('a lock that is a link to another', async () => {
    project.write('loose.json', JSON.stringify({ ...LOCK, targets: LOCK.targets.with(2, loose) }));
    project.remove(LOCK_FILE);
    symlinkSync('../loose.json', join(project.folder, LOCK_FILE));
    await expect(project.judged()).rejects.toThrow('is a link: commit the file itself');
  });

  test('records that lie in a repository of their own', async () => {
    renameSync(join(project.folder, 'runs'), join(project.folder, 'inner'));
    project.git('rm', '-r', '--quiet', '--cached', 'runs');
    const commit = project.git('rev-parse', 'HEAD');
    project.git('update-index', '--add', '--cacheinfo', `160000,${commit},runs`);
    project.git('commit', '--quiet', '-m', 'A submodule');
    const summary = await project.judged({ base: 'HEAD~2' });
    expect(summary.verdict.exitCode).toBe(3);
  });

  test('a recipe with a prototype of its own', async () => {
    const text = project.read(RECORD);
    project.write(RECORD, text.replace('"momentum"', '"__proto__": {"momentum": 0}, "momentum"'));
    // It is no part of what is read, sealed and trained again.
    const summary = await project.judged();
    expect(summary.verdict.exitCode).toBe(0);
    expect(summary.notices).toEqual(['1 of 1 runs replayed, to the bit.']);
  });

  test('a network given as a topology, so that nobody can train it again', async () => {
    project.forge((record) => ({ ...record, network: { form: 'topology', topology: {} } }));
    const summary = await project.judged();
    expect(summary.verdict.exitCode).toBe(3);
    expect(causes(summary)).toContain(RECORD);
  });

  test('a new iteration that is recorded on another backend alone', async () => {
    const other = '8-other';
    const file = `runs/${other}.seed-1.cpu.json`;
    const record = JSON.parse(project.read(RECORD)) as RunRecord;
    const weights = `${other}.seed-1.cpu.${record.weights.sha256.slice(0, 16)}.weights.bin`;
    copyFileSync(join(project.folder, 'runs', record.weights.file), join(project.folder, 'runs', weights));
    project.write(file, project.read(RECORD));
    project.forge(
      (run) => ({
        ...run,
        id: other,
        backend: { ...run.backend, name: 'cpu' },
        weights: { ...run.weights, file: weights },
      }),
      file,
    );
    const targets = [...LOCK.targets, ...LOCK.targets.map((each) => ({ ...each, iteration: other }))];
    project.write(LOCK_FILE, JSON.stringify({ ...LOCK, targets }));
    expect(causes(await project.judged())).toContain(
      'its records are of cpu alone, where nobody can repeat them',
    );
  });

  test('a recipe of a billion epochs, which would train for ever', async () => {
    project.forge((record) => ({ ...record, recipe: { ...record.recipe, epochs: 1e9 } }));
    const summary = await project.judged();
    expect(summary.verdict.exitCode).toBe(3);
  });

  test('declared seeds that are taken out of the lock', async () => {
    project.write(LOCK_FILE, JSON.stringify({ ...LOCK, seeds: { [ID]: '1' } }));
    await project.judged();
    project.write(LOCK_FILE, JSON.stringify(LOCK));
    expect((await project.judged()).targetChanges).toContainEqual({
      target: `${ID} / seeds`,
      kind: 'loosened',
      from: '1',
      to: 'none',
    });
  });

  test('a study under the name of another', async () => {
    await project.study(1, 2);
    project.write('runs/7-other.study.json', project.read(STUDY));
    project.remove(STUDY);
    expect(causes(await project.judged())).toContain(`expected at ${STUDY}`);
  });

  test('a branch that has no history in common', async () => {
    project.git('checkout', '--quiet', '--orphan', 'alone');
    // Equal files in the same second would be the same commit.
    project.write('note.txt', 'a history of its own');
    await expect(project.judged({ base: 'main' })).rejects.toThrow('have no commit in common');
  });
});
