import { expect, test } from 'vitest';
import { refuseUndeclared, undeclaredSeeds } from '../../../src/gates/declared-seeds.ts';
import { judgeParameters } from '../../../src/gates/stock-targets.ts';
import { evidence } from '../../support/records.ts';

test('seeds are the declared ones, no fewer and no more', () => {
  expect(undeclaredSeeds([1, 2, 3], '1-3')).toEqual([]);
  expect(undeclaredSeeds([1, 4], '1-2')).toEqual([
    'seed 2 is declared and has no run',
    'seed 4 has a run and is not declared',
  ]);
  expect(undeclaredSeeds([7], undefined)).toEqual([]);
});

test('a row on other seeds is refused, a row of an iteration without declared ones is not', () => {
  const shown = evidence();
  const row = judgeParameters(shown, '<', 8_000);
  const refused = refuseUndeclared([row], [shown], { [shown.id]: '1-2' });
  expect(refused[0]).toMatchObject({ status: 'refused', detail: 'seed 2 is declared and has no run' });
  expect(refuseUndeclared([row], [shown], { other: '1-2' })).toEqual([row]);
});
