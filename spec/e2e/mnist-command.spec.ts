import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TINY_BYTES, temporaryFolder, tinyFolder } from '../support/tiny-mnist.ts';

function runScript(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/bin/codecodecode.ts', 'mnist', ...args],
    // CI turns colours on.
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { status, stdout, lines: stderr.trim().split('\n') };
}

describe('npm run mnist', { timeout: 30_000 }, () => {
  it('ends with 4 and one message, without a stack, when the folder lacks a file', async () => {
    const folder = await temporaryFolder();
    const { status, lines } = runScript('--dir', folder);
    expect(status).toBe(4);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`expected ${join(folder, 'train-images-idx3-ubyte')}`);
  });

  it('ends with 4 when a file is not the real one', async () => {
    const folder = await tinyFolder({ 'train-images-idx3-ubyte': TINY_BYTES['train-images-idx3-ubyte'] });
    const { status, lines } = runScript('--dir', folder);
    expect(status).toBe(4);
    expect(lines[0]).toContain('image count: expected 60000, found 3');
  });

  it.each([
    [['--dirs', 'x'], "unknown option '--dirs'. Did you mean --dir?"],
    [['--dir', ''], '--dir is empty: expected a folder.'],
  ])('ends with 4 and one line for %j', (args, line) => {
    expect(runScript(...args)).toMatchObject({ status: 4, lines: [line] });
  });
});
