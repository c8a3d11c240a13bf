import { expect, it } from 'vitest';
import { readArguments } from '../../../scripts/bench/arguments.ts';

it('measures everything with python3 and writes reports/bench.json unless told otherwise', () => {
  expect(readArguments([], {})).toMatchObject({
    quick: false,
    python: 'python3',
    retrain: false,
    out: 'reports/bench.json',
  });
});

it('takes the Python that BENCH_PYTHON names, and --python before that', () => {
  const env = { BENCH_PYTHON: 'one' };
  expect(readArguments([], env).python).toBe('one');
  expect(readArguments(['--python', 'two'], env).python).toBe('two');
});

it('refuses to write a quick run into the docs', () => {
  expect(() => readArguments(['--quick', '--docs'], {})).toThrow('leave out --quick or --docs');
});

it('says what it knows where an option is unknown', () => {
  expect(() => readArguments(['--fast'], {})).toThrow(/--fast[^]*Usage: npm run bench/);
});
