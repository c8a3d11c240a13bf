import { describe, expect, test } from 'vitest';
import { acknowledge, compareTargets, unacknowledged } from '../../../src/gates/loosening.ts';
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

  const loosened = (target: number) => compareTargets([size], [{ ...size, target }]);

  test('covers the change it names, with its reason', () => {
    const { changes, notices } = acknowledge(loosened(9_000), { base: [], head: [entry] });
    expect(changes[0]?.reason).toBe('a wider last layer is tried');
    expect(unacknowledged(changes)).toEqual([]);
    expect(notices).toEqual([]);
  });

  test('does not cover the next loosening of the same target, and is called stale', () => {
    const { changes, notices } = acknowledge(loosened(9_500), { base: [], head: [entry] });
    expect(unacknowledged(changes)).toHaveLength(1);
    expect(notices).toEqual([
      'spec/loosened.json: the entry for 5-lr-scheduler / parameters < (parameters < 8,000 -> parameters < 9,000) covers no change: take it out, or correct its words.',
    ]);
  });

  test('does not count again once the base has it', () => {
    const { changes, notices } = acknowledge(loosened(9_000), { base: [entry], head: [entry] });
    expect(unacknowledged(changes)).toHaveLength(1);
    expect(notices).toEqual([
      'spec/loosened.json: 1 of the base no longer count: an entry covers one change, once.',
    ]);
  });

  test('does not count again for another reason', () => {
    const again = { ...entry, reason: 'the same change, once more' };
    expect(
      unacknowledged(acknowledge(loosened(9_000), { base: [entry], head: [again] }).changes),
    ).toHaveLength(1);
  });

  test('names both values with all their figures: a rounded one covers nothing', () => {
    const [from, to] = [
      { ...held, target: 99.404 },
      { ...held, target: 99.396 },
    ];
    const changes = compareTargets([from], [to]);
    expect(changes[0]).toMatchObject({
      from: 'held test accuracy >= 99.404 %, epochs 7 to 15',
      to: 'held test accuracy >= 99.396 %, epochs 7 to 15',
    });
    const rounded = {
      ...entry,
      target: changes[0]!.target,
      from: 'held test accuracy >= 99.4 %, epochs 7 to 15',
      to: 'held test accuracy >= 99.4 %, epochs 7 to 15',
    };
    expect(unacknowledged(acknowledge(changes, { base: [], head: [rounded] }).changes)).toHaveLength(1);
  });

  test('is not asked for what is tightened or added', () => {
    expect(unacknowledged(compareTargets([size], [{ ...size, target: 7_000 }, held]))).toEqual([]);
  });
});
