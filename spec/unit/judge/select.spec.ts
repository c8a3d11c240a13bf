import { describe, expect, test } from 'vitest';
import { toReplay } from '../../../src/judge/select.ts';

const COMMIT = '5ebedb4b'.repeat(5);
const run = (id: string, seed: number, changed = false) => ({ id, seed, changed });
const runs = [1, 2, 3, 4, 5].flatMap((seed) => [run('a', seed), run('b', seed)]);
const names = (chosen: readonly { id: string; seed: number }[]) =>
  chosen.map(({ id, seed }) => `${id}${seed}`);

describe('the runs that are trained again', () => {
  test('are those that the change brings', () => {
    const some = [run('a', 1), run('a', 2, true), run('b', 1, true)];
    expect(names(toReplay(some, COMMIT, 'changed'))).toEqual(['a2', 'b1']);
    expect(names(toReplay(some, COMMIT, 'none'))).toEqual([]);
    expect(names(toReplay(some, COMMIT, 'all'))).toEqual(['a1', 'a2', 'b1']);
  });

  test('are one more of each iteration, which follows from the commit alone', () => {
    const drawn = toReplay(runs, COMMIT, 'drawn');
    expect(drawn.map(({ id }) => id).toSorted()).toEqual(['a', 'b']);
    expect(toReplay(runs.toReversed(), COMMIT, 'drawn')).toHaveLength(2);
    expect(toReplay(runs, COMMIT, 'drawn')).toEqual(drawn);
  });

  test('are drawn evenly: over many commits every run comes', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      for (const name of names(toReplay(runs, `commit ${i}`, 'drawn')))
        seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    expect(seen.size).toBe(runs.length);
    // 200 are expected of each; five standard deviations are 63.
    for (const count of seen.values()) expect(Math.abs(count - 200)).toBeLessThan(63);
  });
});
