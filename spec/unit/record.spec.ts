import { describe, expect, it } from 'vitest';
import {
  consistentFrom,
  percent,
  type RunRecord,
  runRecordSchema,
  testAccuracy,
  trainAccuracy,
} from '../../src/record.ts';
import { record } from '../support/records.ts';

describe('the figures of a record', () => {
  it('are per cent of the counts', () => {
    expect(percent(1, 8)).toBe(12.5);
    const run = record({ test: [98, 99.41], train: [90.5, 97] });
    expect(testAccuracy(run)).toEqual([98, 99.41]);
    expect(trainAccuracy(run)).toEqual([90.5, 97]);
  });

  it.each<[string, readonly number[], number | undefined]>([
    ['the first epoch where all are good enough', [99.4, 99.5, 99.4], 1],
    ['the epoch after the last miss', [99.4, 99.3, 99.4, 99.5], 3],
    ['the last epoch where only that is good enough', [99, 99, 99.4], 3],
    ['none where the last one misses', [99.5, 99.5, 99.39], undefined],
    ['none where all miss', [98, 98], undefined],
  ])('reach a target for good from %s', (_, test, expected) => {
    expect(consistentFrom(record({ test }), 99.4)).toBe(expected);
  });
});

describe('the form of a record', () => {
  it('fits what training leaves behind', () => {
    expect(runRecordSchema.parse(record())).toEqual(record());
  });

  it.each<[string, (run: RunRecord) => unknown, string]>([
    ['another schema', (run) => ({ ...run, schema: 1 }), 'schema'],
    ['no id', (run) => ({ ...run, id: '' }), 'id'],
    ['no epochs', (run) => ({ ...run, epochs: [] }), 'epochs'],
    ['a count that is not whole', (run) => changeEpoch(run, { testCorrect: 99.5 }), 'epochs.0.testCorrect'],
    ['a count below 0', (run) => changeEpoch(run, { trainCorrect: -1 }), 'epochs.0.trainCorrect'],
    ['an accuracy of nothing', (run) => changeEpoch(run, { testTotal: 0 }), 'epochs.0.testTotal'],
    ['a loss that is text', (run) => changeEpoch(run, { testLoss: '0.1' }), 'epochs.0.testLoss'],
    ['a hash in capitals', (run) => ({ ...run, fingerprint: 'F'.repeat(64) }), 'fingerprint'],
    ['a seal that is too short', (run) => ({ ...run, seal: 'a' }), 'seal'],
    ['a seed below 0', (run) => ({ ...run, seed: -1 }), 'seed'],
    ['no threads', (run) => ({ ...run, threads: 0 }), 'threads'],
  ])('refuses %s', (_, change, where) => {
    const { success, error } = runRecordSchema.safeParse(change(record()));
    expect(success).toBe(false);
    expect(error!.issues.map((issue) => issue.path.join('.'))).toEqual([where]);
  });
});

function changeEpoch(run: RunRecord, change: object): unknown {
  return { ...run, epochs: [{ ...run.epochs[0], ...change }, ...run.epochs.slice(1)] };
}
