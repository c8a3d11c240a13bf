import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { commitsOf } from '../../src/base/commits.ts';
import { readBase } from '../../src/base/read-base.ts';
import { lockOf } from '../../src/gates/manifest.ts';
import { judgeParameters } from '../../src/gates/stock-targets.ts';
import { againstBase } from '../../src/report/base.ts';
import { evidence, record } from '../support/records.ts';

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
        attempts: 1,
        evidences: [],
        asked: true,
        verdicts: [judgeParameters(evidence(), '<', parameters)],
      },
    ],
  });

let folder: string;
let full: string;
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=spec', '-c', 'user.email=spec@example.invalid', ...args], {
    cwd,
    stdio: 'pipe',
  })
    .toString()
    .trim();
const write = (file: string, value: unknown) => writeFileSync(file, JSON.stringify(value));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'base-'));
  full = join(folder, 'full');
  mkdirSync(join(full, 'runs'), { recursive: true });
  mkdirSync(join(full, 'spec'));
  git(full, 'init', '--quiet', '--initial-branch=main');
  git(full, 'commit', '--quiet', '--allow-empty', '-m', 'Start');
  git(full, 'tag', 'empty');
  write(join(full, 'spec/targets.lock.json'), lockFor(8_000));
  write(join(full, 'runs/5-lr-scheduler.json'), record({ test: [99.5] }));
  write(join(full, 'runs/1-größe.json'), record({ id: '1-größe' }));
  writeFileSync(join(full, 'runs/0-old.json'), '{ "schema": 0 }');
  writeFileSync(join(full, 'runs/0-deep.json'), '['.repeat(50_000) + ']'.repeat(50_000));
  git(full, 'add', '.');
  git(full, 'commit', '--quiet', '-m', 'Promise and measure');
  git(folder, 'clone', '--quiet', '--depth=1', pathToFileURL(full).href, 'shallow');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe('the base', () => {
  test('is read from git: its lock, its records, and what is not a record', async () => {
    const base = await readBase('main', { folder: full });
    expect(base.lock).toEqual(lockFor(8_000));
    expect(base.records.map((each) => each.record.id)).toEqual(['1-größe', '5-lr-scheduler']);
    expect(base.unreadable.map(({ file }) => file)).toEqual(['runs/0-deep.json', 'runs/0-old.json']);
  });

  test('may be from before the lock', async () => {
    expect(await readBase('empty', { folder: full })).toMatchObject({ lock: undefined, records: [] });
  });

  test('must be a revision', async () => {
    await expect(readBase('nowhere', { folder: full })).rejects.toThrow(
      'The base "nowhere" is not a revision of this repository; check the name',
    );
  });

  test('cannot be an option of git', async () => {
    await expect(readBase('--help', { folder: full })).rejects.toThrow('is not a revision');
  });

  test('says how to fetch it when the clone is shallow', async () => {
    await expect(readBase('main~1', { folder: join(folder, 'shallow') })).rejects.toThrow(
      'this clone is shallow: fetch it',
    );
  });

  test('must be in a git repository, and says what git says where it is not', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'no-git-'));
    await expect(readBase('main', { folder: bare })).rejects.toThrow(
      'The base "main" cannot be read: git rev-parse: fatal: not a git repository',
    );
    rmSync(bare, { recursive: true });
  });

  test('is read of this folder although a hook of git points to another', async () => {
    vi.stubEnv('GIT_DIR', join(folder, 'shallow/.git'));
    vi.stubEnv('GIT_INDEX_FILE', join(folder, 'nothing'));
    expect((await readBase('empty', { folder: full })).lock).toBeUndefined();
  });

  test('is read as it was committed, whatever refs/replace says', async () => {
    const copy = join(folder, 'replaced');
    cpSync(full, copy, { recursive: true });
    const loose = execFileSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: copy,
      input: JSON.stringify(lockFor(9_999_999)),
    })
      .toString()
      .trim();
    git(copy, 'replace', git(copy, 'rev-parse', 'main:spec/targets.lock.json'), loose);
    expect((await readBase('main', { folder: copy })).lock).toEqual(lockFor(8_000));
  });

  test('is found where the project lay before it was moved', async () => {
    const copy = join(folder, 'moved');
    cpSync(full, copy, { recursive: true });
    mkdirSync(join(copy, 'packages'));
    for (const name of ['spec', 'runs']) renameSync(join(copy, name), join(copy, 'packages', name));
    const base = await readBase('main', { folder: join(copy, 'packages') });
    expect(base.movedFrom).toBe('');
    expect(base.lock).toEqual(lockFor(8_000));
    expect(base.records).toHaveLength(2);
  });

  test('has no lock for a project that is new beside another', async () => {
    const copy = join(folder, 'second');
    cpSync(full, copy, { recursive: true });
    mkdirSync(join(copy, 'packages'));
    expect((await readBase('main', { folder: join(copy, 'packages') })).lock).toBeUndefined();
  });
});

describe('the commits that are compared', () => {
  let repository: string;
  let at: (revision: string) => string;

  beforeAll(() => {
    repository = join(folder, 'branches');
    cpSync(full, repository, { recursive: true });
    at = (revision) => git(repository, 'rev-parse', revision);
    git(repository, 'checkout', '--quiet', '-b', 'change');
    for (const name of ['first', 'second']) git(repository, 'commit', '--quiet', '--allow-empty', '-m', name);
    git(repository, 'checkout', '--quiet', 'main');
    git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Meanwhile');
  });

  test('are the head and where it left the base, by their hashes, however many commits it has', async () => {
    expect(await commitsOf(repository, { base: 'main', head: 'change' })).toEqual({
      base: at('main~1'),
      head: at('change'),
    });
  });

  test('are on a push the commits after and before it, even where history was rewritten', async () => {
    expect(await commitsOf(repository, { base: 'main', head: 'change', exact: true })).toEqual({
      base: at('main'),
      head: at('change'),
    });
  });

  test.each(['change', 'HEAD', 'change~1'])('are not one and the same: base %s', async (base) => {
    const head = base === 'HEAD' ? 'main' : 'change~1';
    await expect(commitsOf(repository, { base, head })).rejects.toThrow('nothing would be compared');
  });

  test('have no base at the first push', async () => {
    expect((await commitsOf(repository, { base: '0'.repeat(40), head: 'main' })).base).toBeUndefined();
  });

  test('must have history in common', async () => {
    git(repository, 'checkout', '--quiet', '--orphan', 'alone');
    git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Alone');
    await expect(commitsOf(repository, { base: 'main', head: 'alone' })).rejects.toThrow(
      'have no commit in common here',
    );
  });
});

describe('a change against the base', () => {
  const against = (figures: Parameters<typeof evidence>[0]) =>
    againstBase('main', { folder: full }, lockFor(9_000), [evidence(figures)]);

  test('shows loosened targets and worse results', async () => {
    const { targetChanges, comparisons, records } = await against({ test: [99.2] });
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

  test('shows a regression that hides behind another seed in front', async () => {
    const { comparisons } = await against([
      { seed: 0, test: [99.9] },
      { seed: 1, test: [99.2] },
    ]);
    const statuses = comparisons.filter(({ metric }) => metric === 'final test accuracy');
    expect(statuses.map(({ status }) => status)).toEqual(['not comparable', 'regression']);
  });

  test('shows the run of the base that is gone, and none while its record lies there', async () => {
    const gone = {
      target: '5-lr-scheduler / record of seed 1 on wasm',
      kind: 'removed',
      from: 'recorded',
      to: 'removed',
    };
    const changes = async () => (await against([{ seed: 2, test: [99.9] }])).targetChanges;
    expect(await changes()).not.toContainEqual(gone);
    const file = join(full, 'runs/5-lr-scheduler.json');
    renameSync(file, `${file}.away`);
    expect(await changes()).toContainEqual(gone);
    renameSync(`${file}.away`, file);
  });
});
