import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gateProject } from './gate-project.ts';
import type { GateProject, GateRun } from './gate-project.ts';

/** Each case starts Vitest in processes of its own. */
const TIMEOUT = 120_000;
const SMALL = 'spec/networks/1-small.spec.ts';
const LARGE = 'spec/networks/2-large.spec.ts';
const LOCK = 'spec/targets.lock.json';

let project: GateProject;
beforeEach(async () => {
  project = await gateProject();
});
afterEach(() => project.dispose());

describe('every artefact says what the exit code says', { timeout: TIMEOUT }, () => {
  test('of an error that no test threw', async () => {
    await project.edit(
      LARGE,
      "test('holds",
      "setTimeout(() => { throw new Error('stray'); });\n\ntest('holds",
    );
    const run = await project.run();
    expect(run.summary?.verdict).toEqual({
      status: 'fail',
      exitCode: 1,
      title: '1 error outside of tests of 4 targets',
    });
    expect(await markdown()).toMatch(/^## ❌ 1 error outside of tests of 4 targets/);
    expect(run.exitCode).toBe(1);
  });

  test('of a run that breaks off', async () => {
    await project.write(LOCK, '{');
    const run = await project.run();
    expect(run.summary?.verdict).toMatchObject({ status: 'fail', exitCode: 3 });
    expect(run.summary?.verdict.title).toContain(`${LOCK} is not JSON`);
    expect(await markdown()).toMatch(/^## ❌/);
    expect(run.exitCode).toBe(3);
  });

  test('of a merge with a damaged blob, which leaves none of an earlier run', async () => {
    await project.run();
    await blobOf(project, 1);
    await project.write('blobs/2.json', '["4.');
    const run = await project.merge('blobs');
    expect(run.output).toMatch(/^Nothing was judged: the blobs cannot be read as one run \(.*\)\. .*\n$/);
    expect(run.summary).toBeUndefined();
    expect(run.exitCode).toBe(4);
  });

  test.each([
    [
      'a listener of the configuration',
      () => inConfig("process.on('exit', () => { process.exitCode = 0; });"),
    ],
    [
      'a global teardown',
      async () => {
        await project.write('zero.ts', 'export const teardown = () => { process.exitCode = 0; };\n');
        await project.edit(
          'vitest.config.ts',
          'isolate: false,',
          "isolate: false, globalSetup: './zero.ts',",
        );
      },
    ],
    [
      'another reporter',
      () =>
        project.edit(
          'vitest.config.ts',
          'gateReporter()]',
          'gateReporter(), { onTestRunEnd: () => void setTimeout(() => { process.exitCode = 0; }) }]',
        ),
    ],
  ])('where %s sets the code to 0', async (_, disguise) => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    await disguise();
    expect((await project.run()).exitCode).toBe(1);
  });

  test('where NODE_OPTIONS sets the code to 0', async () => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    await project.write('zero.mjs', "process.on('exit', () => { process.exitCode = 0; });\n");
    const run = await project.run([], { NODE_OPTIONS: `--import ${join(project.folder, 'zero.mjs')}` });
    expect(run.exitCode).toBe(1);
  });
});

describe('watching', { timeout: TIMEOUT }, () => {
  test('a spec that is saved runs alone, and the others are not missing', async () => {
    const watched = project.watch();
    try {
      await watched.says('4 targets met');
      await project.edit(LARGE, 'const large', '// a comment\nconst large');
      const printed = await watched.says('2 targets met');
      expect(printed).toContain('partial run (watching: what has changed): 2 targets not asked for.');
      expect(printed).not.toContain('missing');
    } finally {
      watched.end();
    }
  });
});

describe('the legs of a matrix', { timeout: TIMEOUT }, () => {
  test('that ran in check-outs at two paths are one run', async () => {
    const other = await gateProject();
    try {
      await blobOf(project, 1);
      await blobOf(other, 2);
      await cp(join(other.folder, 'blobs/2.json'), join(project.folder, 'blobs/2.json'));
      const run = await project.run(['--merge-reports', 'blobs'], { CI: '1' });
      expect(run.output).toContain('4 targets met');
      expect(rowsOf(run).map(({ location }) => location?.file)).toEqual([SMALL, SMALL, LARGE, LARGE]);
      expect(run.exitCode).toBe(0);
    } finally {
      await other.dispose();
    }
  });

  test('that ran on another commit are refused', async () => {
    project.git('init', '--quiet');
    project.git('add', 'spec');
    project.git('commit', '--quiet', '-m', 'Before');
    for (const shard of [1, 2]) await blobOf(project, shard);
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    project.git('commit', '--quiet', '-am', 'After');
    const run = await project.run(['--merge-reports', 'blobs'], { CI: '1' });
    expect(run.output).toMatch(/The blob of spec\/networks\/\S+ ran on commit [0-9a-f]{12} with lock/);
    expect(run.summary?.verdict).toMatchObject({ status: 'fail', exitCode: 3 });
    expect(run.exitCode).toBe(3);
  });
});

test('seeds that the lock declares and nobody ran are named', { timeout: TIMEOUT }, async () => {
  await project.edit(LOCK, '"targets"', '"seeds": { "2-large": "1-2" }, "targets"');
  const run = await project.run();
  expect(run.output).toContain('seed 2 is declared and has no run');
  expect(rowsOf(run).map(({ iteration, status }) => `${iteration} ${status}`)).toEqual([
    '1-small pass',
    '1-small pass',
    '2-large refused',
    '2-large refused',
  ]);
  expect(run.exitCode).toBe(3);
});

test('a spec that runs in two Vitest projects is named', { timeout: TIMEOUT }, async () => {
  const projects = ['a', 'b'].map((name) => `{ extends: true, test: { name: '${name}' } }`);
  await project.edit(
    'vitest.config.ts',
    'isolate: false,',
    `isolate: false, projects: [${projects.join()}],`,
  );
  const run = await project.run();
  expect(run.output).toContain(`declared twice: ${LARGE} ran in two Vitest projects`);
  expect(run.exitCode).toBe(3);
});

function inConfig(statement: string): Promise<void> {
  return project.edit('vitest.config.ts', 'export default', `${statement}\nexport default`);
}

function markdown(): Promise<string> {
  return readFile(join(project.folder, 'reports/summary.md'), 'utf8');
}

function rowsOf(run: GateRun) {
  return run.summary?.iterations.flatMap(({ targets }) => targets) ?? [];
}

/** Runs one of two shards into a blob, without judging. */
async function blobOf({ folder, run }: GateProject, shard: number): Promise<void> {
  await mkdir(join(folder, 'blobs'), { recursive: true });
  const args = ['--shard', `${shard}/2`, '--reporter=blob', `--outputFile=blobs/${shard}.json`];
  const { exitCode, output } = await run(args);
  expect(exitCode, output).toBe(0);
}
