import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOOSENED_FILE } from '../../../src/gates/loosening.ts';
import { LOCK_FILE } from '../../../src/gates/manifest.ts';
import type { Lock } from '../../../src/gates/manifest.ts';
import type { RunRecord } from '../../../src/record.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { ID, judgedProject, LOCK, RECORD } from './judged-project.ts';
import type { JudgedProject } from './judged-project.ts';

let project: JudgedProject;
beforeEach(async () => {
  project = await judgedProject(1, 2);
});
afterEach(() => project.dispose());

type Layers = Extract<RunRecord['network'], { form: 'layers' }>;
const causes = ({ findings }: Summary) => findings.map(({ cause }) => cause).join('\n');
const changes = ({ targetChanges }: Summary) =>
  targetChanges.map(({ kind, target, to }) => `${kind} ${target} -> ${to}`);
const lastEpoch = (record: RunRecord, change: Partial<RunRecord['epochs'][number]>): RunRecord => ({
  ...record,
  epochs: [...record.epochs.slice(0, -1), { ...record.epochs.at(-1)!, ...change }],
});
const promise = (change: (targets: Lock['targets']) => Lock['targets']) =>
  project.write(LOCK_FILE, JSON.stringify({ ...LOCK, targets: change(LOCK.targets) }));

describe('the judge', () => {
  test('is green on a commit whose records hold, and says what it did', async () => {
    project.write('note.txt', 'a change of something else');
    const summary = await project.judged({ replay: 'drawn' });
    expect(summary.verdict).toEqual({
      status: 'pass',
      exitCode: 0,
      title: '3 targets met, 1 of them recorded, not re-measured',
    });
    expect(summary.notices).toEqual(['1 of 2 runs replayed, to the bit.']);
    expect(summary.iterations[0]).toMatchObject({ id: ID, provenance: 're-evaluated' });
  });

  test('trains again what a change brings, and nothing else', async () => {
    project.forge((record) => ({ ...record, seconds: record.seconds + 1 }));
    const summary = await project.judged();
    expect(summary.verdict.exitCode).toBe(0);
    expect(summary.notices).toEqual(['1 of 2 runs replayed, to the bit.']);
  });

  test('fails a promise that the record does not keep', async () => {
    promise((targets) => targets.map((each) => (each.unit === '' ? { ...each, target: 100 } : each)));
    const summary = await project.judged();
    expect(summary.verdict).toMatchObject({ exitCode: 1, title: '1 fail of 3 targets' });
  });

  test('refuses the records of an iteration without any', async () => {
    for (const seed of [1, 2]) project.remove(`runs/${ID}.seed-${seed}.json`);
    const summary = await project.judged();
    expect(summary.verdict.exitCode).toBe(3);
    expect(summary.iterations[0]!.targets[0]).toMatchObject({
      status: 'missing',
      detail: `the commit has no record of ${ID}`,
    });
  });

  test('says that a change touches the workflow that runs it', async () => {
    project.write('.github/workflows/pull-request.yml', 'name: mine');
    expect((await project.judged()).notices).toContain(
      'The change touches what runs this judge (.github/workflows/pull-request.yml): read it with care.',
    );
  });
});

describe('a record that is forged and resealed is red:', () => {
  const all = (record: RunRecord, change: (epoch: RunRecord['epochs'][number], i: number) => object) => ({
    ...record,
    epochs: record.epochs.map((epoch, i) => ({ ...epoch, ...change(epoch, i) })),
  });
  test.each<[string, (record: RunRecord) => RunRecord, string]>([
    ['test images left out in every epoch', (r) => all(r, () => ({ testTotal: 190 })), 'testTotal says 190'],
    ['more right in the last epoch', (r) => lastEpoch(r, { testCorrect: 200 }), 'testCorrect says 200'],
    ['a smaller test loss', (r) => lastEpoch(r, { testLoss: 0.001 }), 'testLoss says 0.001'],
    [
      'train figures of the last epoch',
      (r) => lastEpoch(r, { trainCorrect: 320 }),
      'it parts from the record at epoch 3: trainCorrect says 320',
    ],
    ['a huge training set', (r) => all(r, () => ({ trainTotal: 1e9 })), 'trainTotal says 1000000000'],
    ['every epoch numbered 1', (r) => all(r, () => ({ epoch: 1 })), 'epoch says 1'],
    [
      'a better second epoch',
      (r) => all(r, (_epoch, i) => (i === 1 ? { testCorrect: 199 } : {})),
      'it parts from the record at epoch 2: testCorrect says 199',
    ],
    [
      'the best epoch appended',
      (r) => ({ ...r, epochs: [...r.epochs, { ...r.epochs.at(-1)!, epoch: 4 }] }),
      '4 epochs are claimed, its recipe has 3',
    ],
    [
      'another learning rate',
      (r) => all(r, (_, i) => (i === 0 ? { learningRate: 1 } : {})),
      'it parts from the record at epoch 1: learningRate says 1',
    ],
    ['another recipe', (r) => ({ ...r, recipe: { ...r.recipe, momentum: 0.5 } }), 'fingerprint says'],
    [
      'another network',
      (r) => ({ ...r, network: { ...r.network, layers: (r.network as Layers).layers.slice(1) } as Layers }),
      'bytes of weights for this network',
    ],
    ['other data', (r) => ({ ...r, data: { ...r.data, sha256: 'a'.repeat(64) } }), 'data.sha256 says "aaaa'],
    ['fewer classes', (r) => ({ ...r, data: { ...r.data, classes: 2 } }), 'data.classes says 2, and is 10'],
    [
      'fewer parameters',
      (r) => ({ ...r, model: { ...r.model, parameters: { known: true, value: 3 } } }),
      'model.parameters.value says 3',
    ],
    [
      'a fingerprint that would drop it as stale',
      (r) => ({ ...r, fingerprint: 'a'.repeat(64) }),
      'fingerprint says "aaaa',
    ],
    [
      'no confusions',
      (r) => ({ ...r, confusion: r.confusion.map((row, i) => row.map((n, j) => (i === j ? n : 0))) }),
      'confusion[',
    ],
    [
      'dead channels',
      (r) => ({ ...r, deadChannels: { known: true, value: { images: 500, channels: 1, dead: [] } } }),
      'deadChannels.value',
    ],
    [
      'another seed than its name says',
      (r) => ({ ...r, seed: 7 }),
      `seed 7 on wasm: expected the name ${ID}.seed-7.json`,
    ],
    [
      'another id than its name says',
      (r) => ({ ...r, id: '8-other' }),
      'expected the name 8-other.seed-1.json',
    ],
    [
      'weights outside of its folder',
      (r) => ({ ...r, weights: { ...r.weights, file: '../../weights.bin' } }),
      'its weights are "../../weights.bin"',
    ],
    [
      'weights that are not there',
      (r) => ({ ...r, weights: { ...r.weights, file: `${ID}.seed-1.x.weights.bin` } }),
      'is not there',
    ],
    ['another engine', (r) => ({ ...r, engine: { ...r.engine, version: '99' } }), 'fingerprint says'],
    ['a recipe without end', (r) => ({ ...r, recipe: { ...r.recipe, epochs: 'many' } }), 'fingerprint says'],
  ])('%s', async (_, change, cause) => {
    project.forge(change);
    const summary = await project.judged({ replay: 'all' });
    expect(causes(summary)).toContain(cause);
    expect(summary.verdict).toMatchObject({ status: 'fail', exitCode: 3 });
  });

  test('a seal that does not fit', async () => {
    project.write(RECORD, project.read(RECORD).replace('"name": "Tiny"', '"name": "Huge"'));
    const summary = await project.judged();
    expect(causes(summary)).toContain('its seal does not fit');
    expect(summary.verdict.exitCode).toBe(3);
  });
});

describe('the set of runs is red', () => {
  test('when a run of the base is dropped', async () => {
    project.remove(`runs/${ID}.seed-2.json`);
    const summary = await project.judged();
    expect(changes(summary)).toEqual([`removed ${ID} / record of seed 2 on wasm -> removed`]);
    expect(summary.verdict.exitCode).toBe(3);
  });

  test('when a run is renamed to a seed that nobody compares', async () => {
    const bad = `runs/${ID}.seed-2.json`;
    project.forge((record) => ({ ...record, seed: 0 }), bad);
    project.git('mv', bad, `runs/${ID}.seed-0.json`);
    const summary = await project.judged();
    expect(changes(summary)).toEqual([`removed ${ID} / record of seed 2 on wasm -> removed`]);
    expect(causes(summary)).toContain(`expected a file beside it that begins with ${ID}.seed-0.`);
  });

  test('when a run is passed off as one of another backend', async () => {
    project.forge((record) => ({ ...record, backend: { ...record.backend, name: 'cpu' } }));
    project.git('mv', RECORD, `runs/${ID}.seed-1.cpu.json`);
    const summary = await project.judged();
    expect(changes(summary)).toEqual([`removed ${ID} / record of seed 1 on wasm -> removed`]);
    expect(summary.verdict.exitCode).toBe(3);
  });

  test('when a second file holds the same seed', async () => {
    project.write(`runs/copy/${ID}.seed-1.json`, project.read(RECORD));
    const summary = await project.judged();
    expect(causes(summary)).toContain('is not there');
    expect(causes(summary)).toContain('seed 1 is there twice');
  });

  test('when a record lies under the id of another', async () => {
    project.forge((record) => ({ ...record, id: '8-other' }));
    project.git('mv', RECORD, 'runs/8-other.seed-1.json');
    const summary = await project.judged();
    expect(changes(summary)).toEqual([`removed ${ID} / record of seed 1 on wasm -> removed`]);
    expect(summary.verdict.exitCode).toBe(3);
  });

  test('when weights are a link', async () => {
    const { file } = (JSON.parse(project.read(RECORD)) as RunRecord).weights;
    renameSync(join(project.folder, 'runs', file), join(project.folder, 'real.bin'));
    symlinkSync('../real.bin', join(project.folder, 'runs', file));
    expect(causes(await project.judged())).toContain('is a link: commit the file itself');
  });

  test('when a file among the records is none', async () => {
    project.write('runs/0-deep.json', '['.repeat(100_000));
    const summary = await project.judged();
    expect(causes(summary)).toContain('runs/0-deep.json is not a run record');
    expect(summary.verdict.exitCode).toBe(3);
  });
});

describe('the promises are red', () => {
  const looser = (targets: Lock['targets']) =>
    targets.map((each) => (each.unit === '' ? { ...each, target: 4_000 } : each));
  const entry = {
    target: `${ID} / parameters <`,
    from: 'parameters < 3,000',
    to: 'parameters < 4,000',
    reason: 'a wider layer is tried',
  };

  test('when one is loosened, until it is acknowledged, once', async () => {
    promise(looser);
    expect((await project.judged()).verdict).toMatchObject({
      exitCode: 3,
      title: '1 loosened or removed of 3 targets',
    });
    project.git('reset', '--quiet', '--soft', 'HEAD^');
    project.write(LOOSENED_FILE, JSON.stringify([entry]));
    expect((await project.judged()).verdict.exitCode).toBe(0);
    promise((targets) => targets);
    await project.judged();
    promise(looser);
    const again = await project.judged();
    expect(again.verdict.exitCode).toBe(3);
    expect(again.notices).toContain(
      'spec/loosened.json: 1 of the base no longer count: an entry covers one change, once.',
    );
  });

  test('when the lock is gone', async () => {
    project.remove(LOCK_FILE);
    expect((await project.judged()).verdict).toMatchObject({ exitCode: 3 });
  });

  test('when the project was moved and loosened on the way', async () => {
    promise(looser);
    mkdirSync(join(project.folder, 'packages'));
    for (const name of ['spec', 'runs']) project.git('mv', name, `packages/${name}`);
    const summary = await project.judged({ prefix: 'packages/' });
    expect(changes(summary)).toEqual([`loosened ${ID} / parameters < -> parameters < 4,000`]);
    expect(summary.notices.join()).toContain('The project was moved');
  });

  test('when it was loosened two commits ago in one push', async () => {
    promise(looser);
    await project.judged();
    project.write('note.txt', 'a second commit');
    expect((await project.judged()).verdict.exitCode).toBe(0);
    expect((await project.judged({ base: 'HEAD~3', exact: true })).verdict.exitCode).toBe(3);
  });

  test('when no gate of this version knows what is promised', async () => {
    promise((targets) => [...targets, { ...targets[0]!, metric: 'beauty' }]);
    const summary = await project.judged();
    expect(summary.verdict.exitCode).toBe(4);
    expect(JSON.stringify(summary)).toContain('No gate of this version judges');
  });
});
