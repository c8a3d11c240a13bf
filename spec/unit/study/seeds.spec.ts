import { describe, expect, test } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { describeSeeds, parseSeeds } from '../../../src/study/seeds.ts';

describe('a list of seeds', () => {
  test.each([
    ['1-3,7', [1, 2, 3, 7]],
    ['0', [0]],
    [' 9 , 2-4 ', [2, 3, 4, 9]],
    ['2147483647', [2_147_483_647]],
  ])('"%s" is read', (text, seeds) => {
    expect(parseSeeds(text)).toEqual(seeds);
  });

  test.each([
    '',
    '1,',
    'a',
    '1.5',
    '-1',
    '3-1',
    '1-2-3',
    '2147483648',
    '1e3',
    '0x10',
    '1-20000',
    '1,2,1',
    '1-5,3',
  ])('"%s" is refused, by a message that repeats it', (text) => {
    expect(() => parseSeeds(text)).toThrow(GateError);
    expect(() => parseSeeds(text)).toThrow(`Seeds "${text}"`);
  });

  test('is described so that it can be read again', () => {
    expect(describeSeeds([7, 1, 2, 3, 9, 10])).toBe('1-3, 7, 9-10');
    expect(parseSeeds(describeSeeds([7, 1, 2, 3, 9, 10]))).toEqual([1, 2, 3, 7, 9, 10]);
    expect(describeSeeds([])).toBe('');
  });
});
