import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBase } from '../../../src/base/read-base.ts';
import { lockOf } from '../../../src/gates/manifest.ts';
import { judgeParameters } from '../../../src/gates/stock-targets.ts';
import { againstBase } from '../../../src/report/base.ts';
import { evidence, record } from '../../support/records.ts';

const lockFor = (parameters: number) =>
  lockOf({
    modules: [],
    tests: [
      {
        spec: 'spec/networks/5.spec.ts',
        test: 'is small',
        state: 'passed',
        todo: false,
        retries: 0,
        asked: true,
        verdicts: [judgeParameters(evidence(), '<', parameters)],
      },
    ],
  });

let folder: string;
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=spec', '-c', 'user.email=spec@example.invalid', ...args], {
    cwd,
    stdio: 'pipe',
  });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'base-'));
  const repository = join(folder, 'full');
  mkdirSync(join(repository, 'runs'), { recursive: true });
  mkdirSync(join(repository, 'spec'));
  git(repository, 'init', '--quiet', '--initial-branch=main');
  git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Start');
  git(repository, 'tag', 'empty');
  writeFileSync(join(repository, 'spec/targets.lock.json'), JSON.stringify(lockFor(8_000)));
  writeFileSync(join(repository, 'runs/5-lr-scheduler.json'), JSON.stringify(record({ test: [99.5] })));
  writeFileSync(join(repository, 'runs/0-old.json'), '{ "schema": 0 }');
  git(repository, 'add', '.');
  git(repository, 'commit', '--quiet', '-m', 'Promise and measure');
  git(folder, 'clone', '--quiet', '--depth=1', pathToFileURL(repository).href, 'shallow');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the base', () => {
  test('is read from git: its lock, its records, and what is not a record', async () => {
    const base = await readBase('main', join(folder, 'full'));
    expect(base.lock).toEqual(lockFor(8_000));
    expect(base.records.map(({ id }) => id)).toEqual(['5-lr-scheduler']);
    expect(base.unreadable).toEqual(['runs/0-old.json']);
  });

  test('may be from before the lock', async () => {
    expect(await readBase('empty', join(folder, 'full'))).toMatchObject({ lock: undefined, records: [] });
  });

  test('must be a revision', async () => {
    await expect(readBase('nowhere', join(folder, 'full'))).rejects.toThrow(
      'The base "nowhere" is not a revision of this repository; check the name',
    );
  });

  test('cannot be an option of git', async () => {
    await expect(readBase('--help', join(folder, 'full'))).rejects.toThrow('is not a revision');
  });

  test('says how to fetch it when the clone is shallow', async () => {
    await expect(readBase('main~1', join(folder, 'shallow'))).rejects.toThrow(
      'this clone is shallow: fetch the base',
    );
  });

  test('must be in a git repository', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'no-git-'));
    await expect(readBase('main', bare)).rejects.toThrow('not a git repository');
    rmSync(bare, { recursive: true });
  });
});

describe('a change against the base', () => {
  test('shows loosened targets and worse results', async () => {
    const head = evidence({ test: [99.2] });
    const { targetChanges, comparisons, records } = await againstBase(
      'main',
      join(folder, 'full'),
      lockFor(9_000),
      [head],
    );
    expect(targetChanges).toMatchObject([
      { kind: 'loosened', from: 'parameters < 8,000', to: 'parameters < 9,000' },
    ]);
    expect(comparisons.find(({ metric }) => metric === 'final test accuracy')).toMatchObject({
      status: 'regression',
      base: 99.5,
      head: 99.2,
    });
    expect(records).toHaveLength(1);
  });
});
