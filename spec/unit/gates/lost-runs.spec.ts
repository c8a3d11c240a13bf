import { expect, test } from 'vitest';
import { lostRuns } from '../../../src/gates/lost-runs.ts';
import { record } from '../../support/records.ts';

const ID = '5-lr-scheduler';
const promised = new Set([ID]);
const base = [record({ seed: 1 }), record({ seed: 2 })];
const removed = { target: `${ID} / record of seed 2 on wasm`, kind: 'removed' };

test('runs that are still there are no change, whatever their figures', () => {
  expect(lostRuns(base, [record({ seed: 2, test: [1, 2, 3] }), record({ seed: 1 })], promised)).toEqual([]);
});

test('a run that is dropped is named', () => {
  expect(lostRuns(base, [record({ seed: 1 })], promised)).toMatchObject([removed]);
});

test('a run whose seed or backend is renamed is dropped', () => {
  expect(lostRuns(base, [base[0]!, record({ seed: 3 })], promised)).toMatchObject([removed]);
  expect(lostRuns(base, [base[0]!, record({ seed: 2, backend: 'cpu' })], promised)).toMatchObject([removed]);
});

test('a run measured on other data, or over fewer epochs, is looser: its figures cannot be compared', () => {
  const other = record({ seed: 2, data: 'e' });
  expect(lostRuns(base, [base[0]!, other], promised)).toMatchObject([
    {
      kind: 'loosened',
      from: 'made up dddddddddddd, 10000 test images, 3 epochs, engine wasm 1',
      to: 'made up eeeeeeeeeeee, 10000 test images, 3 epochs, engine wasm 1',
    },
  ]);
  expect(lostRuns(base, [base[0]!, record({ seed: 2, test: [99] })], promised)).toHaveLength(1);
});

test('runs of an iteration that promises nothing any more are left to its removed targets', () => {
  expect(lostRuns(base, [], new Set())).toEqual([]);
});
