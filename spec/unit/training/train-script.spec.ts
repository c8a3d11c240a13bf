import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { iterations } from '../../../src/iterations/index.ts';

function runScript(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/train.ts', ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('npm run train', { timeout: 60_000 }, () => {
  it('ends with 4 and its usage, without a stack, when no iteration is named', () => {
    const { status, stderr } = runScript('--seed', '2');
    expect(status).toBe(4);
    expect(stderr).toContain('expected one iteration, found 0');
    for (const { id } of iterations) expect(stderr).toContain(id);
    expect(stderr).not.toContain('    at ');
  });

  it.each(['1.5', '2147483648'])('ends with 4 and one line when the seed is %s', (seed) => {
    const { status, stdout, stderr } = runScript('1', '--seed', seed);
    expect(status).toBe(4);
    expect(stderr.trim()).toBe(`--seed is "${seed}", expected a whole number from 0 to 2147483647.`);
    expect(stdout).toBe('');
  });
});
