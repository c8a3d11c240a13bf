import { describe, expect, test } from 'vitest';
import { compareTargets, unacknowledged } from '../../../src/gates/loosening.ts';
import type { Target } from '../../../src/gates/verdict.ts';

const held: Target = {
  iteration: '5-lr-scheduler',
  metric: 'held test accuracy',
  operator: '>=',
  target: 99.4,
  unit: '%',
  level: 'error',
  over: 'min',
  from: 7,
  within: 15,
};
const size: Target = {
  iteration: '5-lr-scheduler',
  metric: 'parameters',
  operator: '<',
  target: 8_000,
  unit: '',
  level: 'error',
  over: 'max',
};
const exact: Target = { ...size, operator: '==', target: 7_826 };

describe('a change of a target', () => {
  test.each<[string, Target, Partial<Target>, 'loosened' | 'tightened']>([
    ['a lower bound that falls', held, { target: 99.3 }, 'loosened'],
    ['a lower bound that rises', held, { target: 99.5 }, 'tightened'],
    ['an upper bound that rises', size, { target: 10_000 }, 'loosened'],
    ['an upper bound that falls', size, { target: 7_000 }, 'tightened'],
    ['an equality that changes', exact, { target: 7_825 }, 'loosened'],
    ['a unit that changes', held, { unit: 'points' }, 'loosened'],
    ['a level that falls', held, { level: 'warn' }, 'loosened'],
    ['an aggregation other than the worst', held, { over: 'max' }, 'loosened'],
    ['a window that begins later', held, { from: 8 }, 'loosened'],
    ['a window that begins earlier', held, { from: 6 }, 'tightened'],
    ['a window that ends earlier', held, { within: 14 }, 'loosened'],
    ['a demand for certainty', held, { confidence: true }, 'tightened'],
    ['a tighter bound in a smaller window', held, { target: 99.5, from: 9 }, 'loosened'],
  ])('%s: %#', (_, base, change, kind) => {
    expect(compareTargets([base], [{ ...base, ...change }])).toMatchObject([{ kind }]);
  });

  test('is none when nothing changes', () => {
    expect(compareTargets([held, size, exact], [exact, size, held])).toEqual([]);
  });

  test('names targets that are gone and that are new', () => {
    const changes = compareTargets([held, size], [held, exact]);
    expect(changes.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      'removed 5-lr-scheduler / parameters <',
      'added 5-lr-scheduler / parameters ==',
    ]);
  });
});

describe('an acknowledgement', () => {
  const [change] = compareTargets([size], [{ ...size, target: 9_000 }]);
  const entry = {
    target: change!.target,
    from: change!.from,
    to: change!.to,
    reason: 'a wider last layer is tried',
  };

  test('covers the change it names, with its reason', () => {
    const changes = compareTargets([size], [{ ...size, target: 9_000 }], [entry]);
    expect(changes[0]?.reason).toBe('a wider last layer is tried');
    expect(unacknowledged(changes)).toEqual([]);
  });

  test('does not cover the next loosening of the same target', () => {
    expect(unacknowledged(compareTargets([size], [{ ...size, target: 9_500 }], [entry]))).toHaveLength(1);
  });

  test('is not asked for what is tightened or added', () => {
    expect(unacknowledged(compareTargets([size], [{ ...size, target: 7_000 }, held]))).toEqual([]);
  });
});
