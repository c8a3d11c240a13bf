import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/gates/exit-code.ts';
import type { Level, Status } from '../../../src/gates/verdict.ts';

const rows = (...statuses: readonly Status[]) =>
  statuses.map((status) => ({ status, level: 'error' as Level }));

describe('the exit code', () => {
  test.each([
    ['pass', 0],
    ['warn', 0],
    ['fail', 1],
    ['inconclusive', 1],
    ['missing', 3],
    ['refused', 3],
    ['error', 4],
  ] as const)('of %s is %d', (status, code) => {
    expect(exitCodeOf(rows('pass', status))).toBe(code);
  });

  test('is the highest that any row asks for', () => {
    expect(exitCodeOf(rows('fail', 'missing', 'pass'))).toBe(3);
    expect(exitCodeOf(rows('error', 'missing', 'fail'))).toBe(4);
    expect(exitCodeOf([])).toBe(0);
  });

  test('does not ask for the value of a target that is off, but for its presence', () => {
    expect(exitCodeOf([{ status: 'fail', level: 'off' }])).toBe(0);
    expect(exitCodeOf([{ status: 'missing', level: 'off' }])).toBe(3);
  });
});
