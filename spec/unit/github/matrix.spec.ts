import { describe, expect, test } from 'vitest';
import type { LockedTarget } from '../../../src/gates/manifest.ts';
import { legsOfSeeds, legsOfSpecs } from '../../../src/github/matrix.ts';

const target = (iteration: string, spec: string) =>
  ({ iteration, spec, metric: 'parameters' }) as LockedTarget;
const targets = [
  target('10-last', 'spec/networks/10-last.spec.ts'),
  target('9-first', 'spec/networks/9-first.spec.ts'),
  target('9-first', 'spec/networks/9-first.spec.ts'),
];

describe('a matrix', () => {
  test('has one leg a spec file, the last one forced to WASM', () => {
    expect(legsOfSpecs(targets)).toEqual([
      { leg: '9-first', spec: 'spec/networks/9-first.spec.ts', backend: '' },
      { leg: '10-last', spec: 'spec/networks/10-last.spec.ts', backend: 'wasm' },
    ]);
  });

  test('tells spec files of the same name apart', () => {
    expect(
      legsOfSpecs([target('a', 'a/net.spec.ts'), target('b', 'b/net.test.mts')]).map(({ leg }) => leg),
    ).toEqual(['net-1', 'net-2']);
  });

  test('of seeds has one leg an iteration and seed', () => {
    expect(legsOfSeeds(targets, '1, 2').map(({ leg }) => leg)).toEqual([
      '9-first.seed-1',
      '9-first.seed-2',
      '10-last.seed-1',
      '10-last.seed-2',
    ]);
    expect(() => legsOfSeeds(targets, '1,x')).toThrow('--seeds holds "x"');
  });

  test('is refused where it would be empty, too large, or named by more than letters', () => {
    expect(() => legsOfSpecs([])).toThrow('The lock holds no targets');
    expect(() => legsOfSeeds(targets, Array.from({ length: 129 }, (_, i) => i).join(','))).toThrow(
      '258 iterations',
    );
    expect(() => legsOfSpecs([target('a', 'spec/$(id).spec.ts')])).toThrow('"$(id)" cannot name a job');
  });
});
