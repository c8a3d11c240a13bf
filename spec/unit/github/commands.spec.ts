import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LockedTarget } from '../../../src/gates/manifest.ts';
import { legsOfSeeds, legsOfSpecs } from '../../../src/github/matrix.ts';
import { record } from '../../support/records.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const TIMEOUT = 60_000;

const target = (iteration: string, spec: string) =>
  ({ iteration, spec, metric: 'parameters' }) as LockedTarget;
const targets = [
  target('10-last', 'spec/networks/10-last.spec.ts'),
  target('9-first', 'spec/networks/9-first.spec.ts'),
  target('9-first', 'spec/networks/9-first.spec.ts'),
];

describe('a matrix', () => {
  test('has one leg a spec file, the last one forced to WASM', () => {
    expect(legsOfSpecs(targets)).toEqual([
      { leg: '9-first', spec: 'spec/networks/9-first.spec.ts', backend: '' },
      { leg: '10-last', spec: 'spec/networks/10-last.spec.ts', backend: 'wasm' },
    ]);
  });

  test('tells spec files of the same name apart', () => {
    expect(
      legsOfSpecs([target('a', 'a/net.spec.ts'), target('b', 'b/net.test.mts')]).map(({ leg }) => leg),
    ).toEqual(['net-1', 'net-2']);
  });

  test('of seeds has one leg an iteration and seed', () => {
    expect(legsOfSeeds(targets, '1, 2').map(({ leg }) => leg)).toEqual([
      '9-first.seed-1',
      '9-first.seed-2',
      '10-last.seed-1',
      '10-last.seed-2',
    ]);
    expect(() => legsOfSeeds(targets, '1,x')).toThrow('--seeds holds "x"');
  });

  test('is refused where it would be empty, too large, or named by more than letters', () => {
    expect(() => legsOfSpecs([])).toThrow('The lock holds no targets');
    expect(() => legsOfSeeds(targets, Array.from({ length: 129 }, (_, i) => i).join(','))).toThrow(
      '258 iterations',
    );
    expect(() => legsOfSpecs([target('a', 'spec/$(id).spec.ts')])).toThrow('"$(id)" cannot name a job');
  });
});

describe('the records of a matrix', { timeout: TIMEOUT }, () => {
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
