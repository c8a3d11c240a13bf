import { expect, it } from 'vitest';
import { textTable } from '../../../scripts/bench/text-table.ts';

it('puts words to the left, figures to the right, and every column in line', () => {
  expect(
    textTable(
      ['kernel', 'ms'],
      [
        ['forward', '1.5'],
        ['loss', '12.25'],
      ],
    ),
  ).toBe(
    ['| kernel  |    ms |', '| ------- | ----: |', '| forward |   1.5 |', '| loss    | 12.25 |'].join('\n'),
  );
});

it('leaves a cell empty where nothing was measured', () => {
  expect(textTable(['step', 'tfjs-node'], [['5'], ['6', '7.0']])).toContain('| 5    |           |');
});
