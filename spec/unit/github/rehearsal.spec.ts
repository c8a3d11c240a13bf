import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { annotationsIn } from '../../../scripts/support/rehearsal/annotations.ts';
import { download, upload } from '../../../scripts/support/rehearsal/artifacts.ts';
import { fill, holds, valueOf } from '../../../scripts/support/rehearsal/expressions.ts';
import { parseOutputs } from '../../../scripts/support/rehearsal/outputs-file.ts';
import { inOrder, parseWorkflow } from '../../../scripts/support/rehearsal/workflow.ts';

const contexts = {
  matrix: { leg: 'a' },
  needs: { checks: { result: 'success', outputs: { list: '{"include":[1]}' } } },
};

describe('an expression', () => {
  test('is filled in, and is empty where nothing is there', () => {
    expect(fill('blob-${{ matrix.leg }}${{ matrix.none }}.json', contexts)).toBe('blob-a.json');
    expect(valueOf('${{ fromJSON(needs.checks.outputs.list) }}', contexts)).toEqual({ include: [1] });
  });

  test('that refers to what a rehearsal does not have is refused', () => {
    expect(() => fill('${{ secrets.token }}', contexts)).toThrow('cannot be rehearsed');
  });

  test('as a condition demands success unless it asks for the status', () => {
    expect(
      [undefined, "${{ matrix.leg == 'a' }}", '${{ always() }}', '${{ failure() }}'].map((text) =>
        holds(text, contexts, { failed: true }),
      ),
    ).toEqual([false, false, true, true]);
    expect(holds("${{ matrix.leg == 'b' }}", contexts, { failed: false })).toBe(false);
    expect(holds('${{ !cancelled() }}', contexts, { failed: true })).toBe(true);
  });
});

test('outputs are read in both forms, the later of two wins', () => {
  expect(parseOutputs('a=1\nb<<END\nx=y\nz\nEND\na=2\n')).toEqual({ a: '2', b: 'x=y\nz' });
});

test('annotations are read as the runner does, and nothing else is', () => {
  expect(
    annotationsIn('::error title=a%3A b,file=c.ts,line=3::50%25%0Aof it\ntext ::error::no\n::debug::no'),
  ).toEqual([
    { type: 'error', message: '50%\nof it', properties: { title: 'a: b', file: 'c.ts', line: '3' } },
  ]);
});

describe('an artifact', () => {
  let folder: string;
  const store = () => join(folder, 'store');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
    await mkdir(join(folder, 'runs'));
    for (const name of ['1.seed-1.json', '1.seed-1.bin', '1.seed-2.json'])
      await writeFile(join(folder, 'runs', name), name);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('holds what a pattern of files names', async () => {
    await upload(store(), folder, { name: 'run-1', path: 'runs/1.seed-1.*' });
    expect(await readdir(join(store(), 'run-1'))).toEqual(['1.seed-1.bin', '1.seed-1.json']);
  });

  test('is an error without files where that is asked for', async () => {
    await expect(
      upload(store(), folder, { name: 'a', path: 'none', 'if-no-files-found': 'error' }),
    ).rejects.toThrow('No files');
    await upload(store(), folder, { name: 'a', path: 'none' });
    await expect(download(store(), folder, { name: 'a' })).rejects.toThrow('There is no artifact "a"');
  });

  test('is merged with those that fit the same pattern', async () => {
    await upload(store(), folder, { name: 'run-1', path: 'runs/1.seed-1.json' });
    await upload(store(), folder, { name: 'run-2', path: 'runs/1.seed-2.json' });
    await upload(store(), folder, { name: 'other', path: 'runs' });
    await download(store(), folder, { pattern: 'run-*', path: 'all', 'merge-multiple': 'true' });
    expect(await readdir(join(folder, 'all'))).toEqual(['1.seed-1.json', '1.seed-2.json']);
  });
});

describe('a workflow', () => {
  const jobs = (needs: Record<string, string[]>) =>
    JSON.stringify({
      name: 'x',
      jobs: Object.fromEntries(
        Object.entries(needs).map(([id, list]) => [id, { name: id, needs: list, steps: [] }]),
      ),
    });

  test('runs each job after those that it needs', () => {
    expect(inOrder(parseWorkflow(jobs({ c: ['a', 'b'], b: ['a'], a: [] }), 'x'))).toEqual(['a', 'b', 'c']);
  });

  test('whose jobs need each other is refused', () => {
    expect(() => inOrder(parseWorkflow(jobs({ a: ['b'], b: ['a'] }), 'x'))).toThrow('needs itself');
  });

  test('with a matrix that is not computed is refused', () => {
    const text = 'name: x\njobs: { a: { name: a, steps: [], strategy: { matrix: { leg: [1] } } } }';
    expect(() => parseWorkflow(text, 'x.yml')).toThrow('x.yml cannot be rehearsed');
  });
});
