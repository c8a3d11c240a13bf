import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { record } from '../support/records.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the records of a matrix', () => {
  let folder: string;
  const legs = [1, 2].map((seed) => ({ iteration: '5-lr-scheduler', seed }));
  const collect = () =>
    run('scripts/collect.ts', [join(folder, 'trained'), join(folder, 'runs')], {
      MATRIX: JSON.stringify({ include: legs }),
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collect-'));
    await mkdir(join(folder, 'trained'));
    await leave(1);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('are taken when every leg left one', async () => {
    await leave(2);
    expect(await collect()).toMatchObject({ exitCode: 0 });
    expect(await readdir(join(folder, 'runs'))).toEqual(['1.json', '2.json']);
  });

  test('are refused with exit code 3 when a leg left none, though an older record of it is there', async () => {
    await mkdir(join(folder, 'runs'));
    await writeFile(join(folder, 'runs/2.json'), JSON.stringify(record({ seed: 2 })));
    const { exitCode, output } = await collect();
    expect(output).toContain('1 of 2 legs left no record: 5-lr-scheduler seed 2.');
    expect(exitCode).toBe(3);
  });

  async function leave(seed: number): Promise<void> {
    await writeFile(join(folder, `trained/${seed}.json`), JSON.stringify(record({ seed })));
  }
});

async function run(script: string, args: readonly string[], env: Record<string, string>) {
  return new Promise<{ exitCode: number; output: string }>((done) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', join(ROOT, script), ...args],
      { cwd: ROOT, env: { ...process.env, ...env } },
      (_error, stdout, stderr) => done({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
