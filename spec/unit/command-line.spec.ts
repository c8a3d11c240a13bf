import { expect, test } from 'vitest';
import { commandLine } from '../../src/command-line.ts';

test('in this repository a command is a script of npm, whose arguments follow two dashes', () => {
  expect(commandLine('train 5 --seed 3')).toBe('npm run train -- 5 --seed 3');
  expect(commandLine('report')).toBe('npm run report');
});

test('where the package is installed, a command is what npx runs', () => {
  expect(commandLine('targets --update', true)).toBe('npx codecodecode targets --update');
});
