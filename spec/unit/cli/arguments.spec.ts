import { expect, test } from 'vitest';
import { nonEmpty, oneOf, wholeNumber } from '../../../src/cli/arguments.ts';
import { didYouMean } from '../../../src/nearest.ts';

test('a whole number is one, within its limits', () => {
  const read = wholeNumber('--jobs', 1, 64);
  expect(read('64')).toBe(64);
  for (const wrong of ['0', '65', '1.5', '', ' ', 'two']) {
    expect(() => read(wrong)).toThrow(`--jobs is "${wrong}", expected a whole number from 1 to 64.`);
  }
});

test('a choice is one of those there are, and the message names the nearest', () => {
  const read = oneOf('--backend', ['node', 'wasm', 'cpu']);
  expect(read('wasm')).toBe('wasm');
  expect(() => read('WASM')).toThrow(
    '--backend is "WASM", expected one of node, wasm, cpu. Did you mean wasm?',
  );
  expect(() => read('tensorflow')).toThrow(/^--backend is "tensorflow", expected one of node, wasm, cpu\.$/);
});

test('nothing is no path', () => {
  expect(nonEmpty('--dir', 'a folder')('x')).toBe('x');
  expect(() => nonEmpty('--dir', 'a folder')('')).toThrow('--dir is empty: expected a folder.');
});

test.each([
  ['5-lr-schedule', ['1-skeleton', '5-lr-scheduler'], '. Did you mean 5-lr-scheduler?'],
  ['zebra', ['1-skeleton', '5-lr-scheduler'], '.'],
  ['anything', [], '.'],
])('near to %s among %j: "%s"', (found, known, end) => {
  expect(didYouMean(found, known)).toBe(end);
});
