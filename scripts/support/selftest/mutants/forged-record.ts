import { rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LOOSENED_FILE } from '../../../../src/gates/loosening.ts';
import { LOCK_FILE } from '../../../../src/gates/manifest.ts';
import type { RunRecord } from '../../../../src/record.ts';
import type { Copy } from '../copy.ts';
import { committedAndJudged, judged, type Mutant } from '../mutant.ts';
import { commitAll, trainInto } from '../small-project.ts';

/** Sections E and D6: records that are forged and resealed, runs that are hidden, promises that are moved; seen by the judge alone. */

const ID = '1-digits';
const RECORD = `runs/${ID}.seed-1.json`;
const SECOND = `runs/${ID}.seed-2.json`;

type Epoch = RunRecord['epochs'][number];

export const forgedRecordMutants: readonly Mutant[] = [
  resealed(
    'fewer test images',
    'E1: 490 test images in every epoch',
    'testTotal says 490',
    everyEpoch({ testTotal: 490 }),
  ),
  resealed(
    'more right in the last epoch',
    'E1: all 500 test images',
    'testCorrect says 500, and is',
    lastEpoch({ testCorrect: 500 }),
  ),
  resealed(
    'train figures of the last epoch',
    'E1: all 600 training images',
    'it parts from the record at epoch 8: trainCorrect says 600',
    lastEpoch({ trainCorrect: 600 }),
  ),
  resealed(
    'a huge training set',
    'E1: a million training images in every epoch',
    'trainTotal says 1000000',
    everyEpoch({ trainTotal: 1_000_000 }),
  ),
  resealed('epochs numbered 1', 'E1: all of them', 'epoch says 1, and is 2', everyEpoch({ epoch: 1 })),
  resealed(
    'an early epoch',
    'E1: the second, the seal made to fit',
    'it parts from the record at epoch 2: testCorrect says 499',
    (run) => ({
      ...run,
      epochs: run.epochs.map((epoch) => (epoch.epoch === 2 ? { ...epoch, testCorrect: 499 } : epoch)),
    }),
  ),
  resealed('the best epoch appended', 'E1: a ninth of eight', '9 epochs are claimed', (run) => ({
    ...run,
    epochs: [...run.epochs, { ...run.epochs.at(-1)!, epoch: 9 }],
  })),
  resealed(
    'a fingerprint altered',
    'E2: so that a bad run counts as stale',
    'fingerprint says "aaa',
    (run) => ({ ...run, fingerprint: 'a'.repeat(64) }),
  ),
  resealed(
    'data altered',
    'E3: so that a regression is "not comparable"',
    'data.sha256 says "bbb',
    (run) => ({ ...run, data: { ...run.data, sha256: 'b'.repeat(64) } }),
  ),
  resealed(
    'weights outside of the folder',
    'E4: of another place',
    'its weights are "../../../weights.bin"',
    (run) => ({ ...run, weights: { ...run.weights, file: '../../../weights.bin' } }),
  ),
  resealed(
    'fewer parameters',
    'E: the model is said to be smaller',
    'model.parameters.value says 10',
    (run) => ({ ...run, model: { ...run.model, parameters: { known: true, value: 10 } } }),
  ),
  resealed('another recipe', 'E: a momentum that it was not trained with', 'fingerprint says', (run) => ({
    ...run,
    recipe: { ...run.recipe, momentum: 0.5 },
  })),
  resealed('confusions', 'E: every digit right', 'confusion[', (run) => ({
    ...run,
    confusion: run.confusion.map((row, i) => row.map((count, j) => (i === j ? count : 0))),
  })),
  hidden(
    'a bad seed deleted',
    'E2: the base has it',
    'removed: 1-digits / record of seed 2 on wasm',
    (copy) => copy.remove(SECOND),
  ),
  hidden(
    'a seed renamed',
    'E3: seed 2 is called 3 now',
    'removed: 1-digits / record of seed 2 on wasm',
    async (copy) => {
      await copy.editRecord(SECOND, (run) => ({ ...run, seed: 3 }), 'reseal');
      await copy.rename(SECOND, SECOND.replace('seed-2', 'seed-3'));
    },
  ),
  hidden(
    'a backend renamed',
    'E2: wasm is called cpu now',
    'removed: 1-digits / record of seed 2 on wasm',
    async (copy) => {
      await copy.editRecord(
        SECOND,
        (run) => ({ ...run, backend: { ...run.backend, name: 'cpu' } }),
        'reseal',
      );
      await copy.rename(SECOND, SECOND.replace('.json', '.cpu.json'));
    },
  ),
  {
    ...change(
      'a seed in front of a regression',
      'E3: a good seed 0 before the seed that got worse',
      'regression: 1-digits: final test accuracy',
      async (copy) => {
        await copy.edit('spec/targets.lock.json', '"target": 97,', '"target": 60,');
        await copy.commit();
        await copy.edit('digits.ts', 'rate: 0.02', 'rate: 0.5');
        await copy.vitest([]);
        await trainInto(copy.folder, 0);
      },
    ),
  },
  change(
    "another network's record",
    'E4: under an id of its own choice',
    'expected the name 2-other.seed-1.json',
    (copy) => copy.editRecord(RECORD, (run) => ({ ...run, id: '2-other' }), 'reseal'),
  ),
  change(
    'weights that are a link',
    'E4: to a file beside the project',
    'is a link: commit the file itself',
    async (copy) => {
      const { weights } = JSON.parse(await copy.read(RECORD)) as RunRecord;
      const file = join(copy.folder, 'runs', weights.file);
      await rename(file, join(copy.folder, 'elsewhere.bin'));
      await symlink('../elsewhere.bin', file);
    },
  ),
  change('a second file of one seed', 'E4: a copy in another folder', 'seed 1 is there twice', async (copy) =>
    copy.write(`runs/more/${ID}.seed-1.json`, await copy.read(RECORD)),
  ),
  change(
    'a cherry-picked seed',
    'E5: the run of seed 7 passed off as seed 1',
    'trained again, it parts from the record at epoch 1',
    (copy) => trainInto(copy.folder, 7, { as: 1 }),
  ),
  change('a file that is no record', 'G: nested 50,000 deep', 'runs/deep.json is not a run record', (copy) =>
    copy.write('runs/deep.json', '['.repeat(50_000)),
  ),
  change(
    'a target loosened',
    'G: in the lock, without a word',
    'loosened: 1-digits / final test accuracy >=',
    loosen,
  ),
  change(
    'a target loosened by a hair',
    'D6: 96.9999 for 97, acknowledged as "97 -> 97"',
    'covers no change',
    async (copy) => {
      await copy.edit(LOCK_FILE, '"target": 97,', '"target": 96.9999,');
      await acknowledge(copy, 'final test accuracy >= 97 %');
    },
  ),
  change(
    'an acknowledgement used twice',
    'D6: the base has it already',
    'of the base no longer count',
    async (copy) => {
      await acknowledge(copy, 'final test accuracy >= 10 %');
      await copy.commit();
      await loosen(copy);
    },
  ),
  {
    ...change(
      'a base that is the head',
      'D6: nothing would be compared',
      'nothing would be compared',
      loosen,
    ),
    gate: async (copy) => {
      await copy.commit();
      return judged(copy, ['--base', 'HEAD']);
    },
  },
  {
    ...change(
      'two commits in one push',
      'D6: loosened in the first',
      'loosened: 1-digits / final test accuracy >=',
      nothing,
    ),
    gate: async (copy) => {
      const before = await copy.head();
      await loosen(copy);
      await copy.commit();
      await copy.write('second.txt', 'nothing');
      await copy.commit();
      return judged(copy, ['--base', before, '--exact']);
    },
  },
  {
    ...change(
      'a project moved to a sub folder',
      'D6: and loosened on the way',
      'loosened: 1-digits / final test accuracy >=',
      async (copy) => {
        await loosen(copy);
        for (const name of ['spec', 'runs']) {
          await copy.write('packages/digits/.keep', '');
          await copy.rename(name, `packages/digits/${name}`);
        }
      },
    ),
    gate: (copy) => committedAndJudged(copy, '--directory', 'packages/digits'),
  },
  change('a lock deleted', 'D9: all promises with it', 'removed: 1-digits / final test accuracy >=', (copy) =>
    copy.remove(LOCK_FILE),
  ),
  change(
    'no record',
    'the record of what is promised is gone',
    'the commit has no record of 1-digits',
    (copy) => copy.remove(RECORD),
  ),
];

function change(name: string, breaks: string, says: string, damage: Mutant['break']): Mutant {
  return {
    name: `${name}, at the judge`,
    breaks,
    says,
    base: 'judge',
    exitCode: 3,
    break: damage,
  };
}

function resealed(name: string, breaks: string, says: string, forge: (run: RunRecord) => RunRecord): Mutant {
  return change(name, breaks, says, (copy) => copy.editRecord(RECORD, forge, 'reseal'));
}

/** With a second seed at the base, which is then hidden. */
function hidden(name: string, breaks: string, says: string, hide: (copy: Copy) => Promise<void>): Mutant {
  return change(name, breaks, says, async (copy) => {
    await trainInto(copy.folder, 2);
    await commitAll(copy.folder);
    await hide(copy);
  });
}

function everyEpoch(fields: Partial<Epoch>): (run: RunRecord) => RunRecord {
  return (run) => ({ ...run, epochs: run.epochs.map((epoch) => ({ ...epoch, ...fields })) });
}

function lastEpoch(fields: Partial<Epoch>): (run: RunRecord) => RunRecord {
  return (run) => ({ ...run, epochs: [...run.epochs.slice(0, -1), { ...run.epochs.at(-1)!, ...fields }] });
}

function loosen(copy: Copy): Promise<void> {
  return copy.edit(LOCK_FILE, '"target": 97,', '"target": 10,');
}

function acknowledge(copy: Copy, to: string): Promise<void> {
  const target = `${ID} / final test accuracy >=`;
  const entry = { target, from: 'final test accuracy >= 97 %', to, reason: 'a reason of some length' };
  return copy.write(LOOSENED_FILE, JSON.stringify([entry]));
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
