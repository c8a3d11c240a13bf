import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { iterations } from '../../src/iterations/index.ts';

const ids = iterations.map(({ id }) => id).join(', ');

function runScript(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/bin/codecodecode.ts', 'train', ...args],
    // CI turns colours on.
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { status, stdout, stderr };
}

describe('npm run train', { timeout: 60_000 }, () => {
  it.each([
    [['--seed', '2'], "missing required argument 'iteration'. Add --help to see what there is."],
    [['5', '--backend', 'gpu'], '--backend is "gpu", expected one of node, wasm, cpu. Did you mean cpu?'],
    [
      ['5-lr-schedule'],
      `There is no iteration "5-lr-schedule". Use a number or an id of: ${ids}. Did you mean 5-lr-scheduler?`,
    ],
  ])('ends with 4 and one line that names what was typed and what is nearest, for %j', (args, line) => {
    const { status, stderr } = runScript(...args);
    expect(stderr.trim()).toBe(line);
    expect(status).toBe(4);
  });

  it.each(['1.5', '2147483648'])('ends with 4 and one line when the seed is %s', (seed) => {
    const { status, stdout, stderr } = runScript('1', '--seed', seed);
    expect(status).toBe(4);
    expect(stderr.trim()).toBe(`--seed is "${seed}", expected a whole number from 0 to 2147483647.`);
    expect(stdout).toBe('');
  });
});
