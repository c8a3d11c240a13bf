import { describe, expect, test } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { drawAll, drawReplays } from '../../../src/study/draw.ts';
import { study, studyRun } from '../../support/studies.ts';

const commit = (n: number) => n.toString(16).padStart(40, '0');
const base = study([1, 2, 3, 4].map((seed) => studyRun(seed)));

describe('which runs are trained again', () => {
  test('are one of each study where nothing changed', () => {
    const other = study([studyRun(1), studyRun(2)], { id: '6-receptive-field' });
    const draws = drawReplays([base, other], [base, other], commit(7));
    expect(draws.map(({ id, why }) => [id, why])).toEqual([
      ['5-lr-scheduler', 'drawn'],
      ['6-receptive-field', 'drawn'],
    ]);
  });

  test('are every one that differs from the base, and one of the others', () => {
    const head = study([studyRun(1), studyRun(2, [9_000, 9_900, 9_950]), studyRun(3), studyRun(4)]);
    const draws = drawReplays([base], [head], commit(7));
    expect(draws[0]).toEqual({ id: '5-lr-scheduler', seed: 2, why: 'changed' });
    expect(draws[1]).toMatchObject({ why: 'drawn' });
    expect(draws[1]!.seed).not.toBe(2);
    expect(draws).toHaveLength(2);
  });

  test('are all where the base has no such study, or one of another fingerprint', () => {
    const changed = [1, 2, 3, 4].map((seed) => ({ id: '5-lr-scheduler', seed, why: 'changed' }));
    expect(drawReplays([], [base], commit(1))).toEqual(changed);
    const other = study(base.runs, { fingerprint: 'e'.repeat(64) });
    expect(drawReplays([other], [base], commit(1))).toEqual(changed);
  });

  test('are a run that was put in twice, too, though the base has it', () => {
    const head = study([...base.runs, studyRun(3)]);
    const changed = drawReplays([base], [head], commit(1)).filter(({ why }) => why === 'changed');
    expect(changed.map(({ seed }) => seed)).toEqual([3, 3]);
  });

  test('depend on the commit alone, and reach every seed', () => {
    const seedOf = (n: number) => drawReplays([base], [base], commit(n))[0]!.seed;
    expect(seedOf(5)).toBe(seedOf(5));
    const drawn = Array.from({ length: 400 }, (_, n) => seedOf(n));
    // 100 each on average, with a standard deviation of 8.7.
    for (const seed of [1, 2, 3, 4]) {
      const count = drawn.filter((each) => each === seed).length;
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(140);
    }
  });

  test('need the whole hash of a commit', () => {
    expect(() => drawReplays([base], [base], 'main')).toThrow(GateError);
    expect(() => drawReplays([base], [base], 'abc123')).toThrow('abc123');
  });

  test('are all of all when that is asked for', () => {
    expect(drawAll([base]).map(({ seed, why }) => [seed, why])).toEqual(
      [1, 2, 3, 4].map((seed) => [seed, 'all']),
    );
  });
});
