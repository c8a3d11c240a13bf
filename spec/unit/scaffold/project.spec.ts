import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planProject } from '../../../src/scaffold/project.ts';
import { writeNew } from '../../../src/scaffold/write-new.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (file: string, text: string) => writeFileSync(join(folder, file), text);

describe('a gate for a folder', () => {
  test('that is empty: network, spec, lock, configuration and workflow, and a package.json that runs them', async () => {
    const { files, manifest, script } = await planProject(folder);
    expect([...files.keys()].toSorted()).toEqual([
      '.github/workflows/gate.yml',
      '.gitignore',
      'network.ts',
      'shapes.ts',
      'spec/shapes.spec.ts',
      'spec/targets.lock.json',
      'tsconfig.json',
      'vitest.config.ts',
    ]);
    expect(script).toBe('test');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(JSON.parse(manifest)).toMatchObject({
      type: 'module',
      scripts: { test: 'vitest run' },
      devDependencies: { codecodecode: `^${version}` },
    });
    expect(files.get('.github/workflows/gate.yml')).toContain('run: npm run test\n');
  });

  test('that is a Vitest project: all that is there stays, the gate has a configuration and a script beside it', async () => {
    put('vitest.config.ts', 'export default {};');
    put('tsconfig.json', '{}');
    const before = { name: 'theirs', scripts: { test: 'vitest' }, devDependencies: { vitest: '4.0.0' } };
    put('package.json', JSON.stringify(before));
    const { files, manifest, script } = await planProject(folder, 'file:../x.tgz');
    expect(script).toBe('gate');
    expect(files.has('vitest.config.ts')).toBe(false);
    expect(files.has('tsconfig.json')).toBe(false);
    expect(files.get('vitest.gate.config.mts')).toContain("include: ['spec/shapes.spec.ts']");
    expect(files.get('.github/workflows/gate.yml')).toContain('run: npm run gate\n');
    expect(JSON.parse(manifest)).toMatchObject({
      name: 'theirs',
      scripts: { test: 'vitest', gate: 'vitest run --config vitest.gate.config.mts' },
      devDependencies: { vitest: '4.0.0', codecodecode: 'file:../x.tgz' },
    });
  });

  test.each([
    ['module', 'vitest.config.ts'],
    ['commonjs', 'vitest.config.mts'],
    [undefined, 'vitest.config.mts'],
  ])('whose files are of the type %s: the configuration is read as a module', async (type, file) => {
    put('package.json', JSON.stringify({ name: 'theirs', type }));
    const { files } = await planProject(folder);
    expect([...files.keys()].filter((name) => name.startsWith('vitest'))).toEqual([file]);
  });

  test('whose package.json is none: one message', async () => {
    put('package.json', '[');
    await expect(planProject(folder)).rejects.toThrow('is not a package.json that npm would read');
  });
});

describe('new files', () => {
  test('are all written, or none where one is there', async () => {
    const files = new Map([
      ['a/b.ts', 'b'],
      ['c.ts', 'c'],
    ]);
    put('c.ts', 'mine');
    await expect(writeNew(folder, files)).rejects.toThrow('c.ts: already there, and never written over.');
    expect(existsSync(join(folder, 'a'))).toBe(false);
    expect(readFileSync(join(folder, 'c.ts'), 'utf8')).toBe('mine');
    rmSync(join(folder, 'c.ts'));
    await writeNew(folder, files);
    expect(readFileSync(join(folder, 'a/b.ts'), 'utf8')).toBe('b');
  });

  test('that were written go again where a later one cannot be', async () => {
    put('blocked', '');
    mkdirSync(join(folder, 'x'));
    const files = new Map([
      ['x/first.ts', '1'],
      ['blocked/second.ts', '2'],
    ]);
    await expect(writeNew(folder, files)).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(existsSync(join(folder, 'x/first.ts'))).toBe(false);
  });
});
