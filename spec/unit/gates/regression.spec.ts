import { describe, expect, test } from 'vitest';
import { compareRecords } from '../../../src/gates/regression.ts';
import { record } from '../../support/records.ts';
import type { Figures } from '../../support/records.ts';

const options = { consistentAt: 99.4 };
const base = { test: [99, 99.4, 99.5], parameters: 7_826, receptiveField: 28 };

function statuses(head: Figures, of: Figures = base): Record<string, string> {
  const rows = compareRecords(record(of), record({ ...base, ...head }), options);
  return Object.fromEntries(rows.map(({ metric, status }) => [metric, status]));
}

describe('a record against that of the base', () => {
  test('is the same when nothing changed, and reports its seconds only', () => {
    expect(statuses({})).toEqual({
      parameters: 'same',
      'receptive field': 'same',
      'final test accuracy': 'same',
      'mean test accuracy': 'same',
      'consistent from': 'same',
      seconds: 'reported',
    });
  });

  test('is better with fewer parameters, a larger field or a higher accuracy', () => {
    const found = statuses({ parameters: 7_000, receptiveField: 32, test: [99.4, 99.5, 99.6] });
    expect(Object.values(found).slice(0, -1)).toEqual(['better', 'better', 'better', 'better', 'better']);
  });

  test.each<[string, Figures, string]>([
    ['parameters', { parameters: 7_827 }, 'warn'],
    ['parameters', { parameters: 8_300 }, 'regression'],
    ['receptive field', { receptiveField: 24 }, 'regression'],
    ['final test accuracy', { test: [99, 99.4, 99.45] }, 'worse'],
    ['final test accuracy', { test: [99, 99.4, 99.4] }, 'warn'],
    ['final test accuracy', { test: [99, 99.4, 99.3] }, 'regression'],
    ['mean test accuracy', { test: [98, 99.4, 99.5] }, 'regression'],
    ['consistent from', { test: [99, 99.3, 99.5] }, 'warn'],
  ])('is judged by how much worse its %s is: %#', (metric, head, status) => {
    expect(statuses(head)[metric]).toBe(status);
  });

  test.each<[string, Figures]>([
    ['backend wasm against tensorflow', { backend: 'tensorflow' }],
    ['other data (made up against made up)', { data: 'e' }],
    ['seed 1 against 2', { seed: 2 }],
    ['3 epochs against 2', { test: [99, 99.4] }],
  ])('is not comparable in what was measured, and says why: %s', (reason, head) => {
    const rows = compareRecords(record(base), record({ ...base, ...head }), options);
    expect(rows.find(({ metric }) => metric === 'final test accuracy')).toMatchObject({
      status: 'not comparable',
      reason,
    });
    expect(rows.find(({ metric }) => metric === 'parameters')?.status).toBe('same');
  });

  test('is not comparable when the base has none', () => {
    const rows = compareRecords(undefined, record(base), options);
    expect(new Set(rows.map(({ status, reason }) => `${status}: ${reason}`))).toEqual(
      new Set(['not comparable: not at the base']),
    );
  });
});
