import { expect, test } from 'vitest';
import { readCommand } from '../../../scripts/support/tfjs-node/arguments.ts';
import { ExitCode, GateError } from '../../../src/errors.ts';

test('no option takes the TensorFlow that Python has installed', () => {
  expect(readCommand([], {})).toEqual({
    type: 'install',
    source: { type: 'installed' },
    cache: '.cache/tensorflow',
    force: false,
  });
});

test.each([
  [['--pip'], { type: 'pip' }],
  [['--wheel', 'a.whl'], { type: 'wheel', path: 'a.whl' }],
  [['--site-packages', 'b'], { type: 'site-packages', path: 'b' }],
  [['--lib', 'c'], { type: 'lib', path: 'c' }],
])('%j names its source', (args, source) => {
  expect(readCommand(args, {})).toMatchObject({ type: 'install', source });
});

test('--cache goes before TENSORFLOW_CACHE, which goes before the default', () => {
  const env = { TENSORFLOW_CACHE: 'from-env' };
  expect(readCommand(['--pip', '--cache', 'given'], env)).toMatchObject({ cache: 'given' });
  expect(readCommand(['--pip'], env)).toMatchObject({ cache: 'from-env' });
  expect(readCommand(['--pip'], { TENSORFLOW_CACHE: '' })).toMatchObject({ cache: '.cache/tensorflow' });
});

test('--remove and --help are commands of their own', () => {
  expect(readCommand(['--remove'], {})).toEqual({ type: 'remove' });
  expect(readCommand(['--help', '--pip'], {})).toEqual({ type: 'help' });
});

test.each([
  [['--bogus'], /Unknown option '--bogus'/],
  [['folder'], /Unexpected argument 'folder'/],
  [['--lib', ''], /--lib is empty: expected a path/],
  [['--pip', '--lib', 'c'], /expected one source of TensorFlow, found --pip and --lib/],
  [['--remove', '--pip'], /--remove goes with no other option/],
  [['--remove', '--force'], /--remove goes with no other option/],
])('%j is refused with the usage', (args, message) => {
  const read = () => readCommand(args, {});
  expect(read).toThrow(GateError);
  expect(read).toThrow(message);
  expect(read).toThrow(/Usage:\nnpm run tfjs-node/);
  expect(read).toThrow(expect.objectContaining({ exitCode: ExitCode.infrastructure }));
});
