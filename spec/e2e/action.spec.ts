import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { annotationsIn } from '../../scripts/support/rehearsal/annotations.ts';
import { parseOutputs } from '../../scripts/support/rehearsal/outputs-file.ts';
import { gateProject } from './gate-project.ts';
import type { GateProject } from './gate-project.ts';

/** Each case starts npx and Vitest. */
const TIMEOUT = 300_000;
const ROOT = resolve(import.meta.dirname, '../..');
const LARGE = 'spec/networks/2-large.spec.ts';

const { inputs, outputs, runs } = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as {
  inputs: Record<string, { default: string }>;
  outputs: Record<string, unknown>;
  runs: { steps: [{ run: string }] };
};

let project: GateProject;
beforeEach(async () => {
  project = await gateProject();
  // As npm would link the package's program.
  const bin = join(project.folder, 'node_modules/.bin/codecodecode');
  await mkdir(join(bin, '..'), { recursive: true });
  await writeFile(
    bin,
    `#!/bin/sh\nexec "${ROOT}/node_modules/.bin/tsx" "${ROOT}/src/bin/codecodecode.ts" "$@"\n`,
  );
  await chmod(bin, 0o755);
  await writeFile(join(project.folder, 'package.json'), '{ "type": "module", "private": true }');
});
afterEach(() => project.dispose());

describe('the action', { timeout: TIMEOUT }, () => {
  test('sets every output that it documents, and writes the page', async () => {
    const run = await use({});
    expect(run.exitCode, run.log).toBe(0);
    expect(Object.keys(run.outputs).toSorted()).toEqual(Object.keys(outputs).toSorted());
    expect(run.outputs).toMatchObject({
      status: 'pass',
      title: '4 targets met, 1 of them recorded, not re-measured',
      'summary-path': 'reports/summary.md',
    });
    expect(run.page).toMatch(/^## ✅ 4 targets met, 1 of them recorded, not re-measured\n/);
  });

  test('is red with the target annotated when one is not met', async () => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    const run = await use({});
    expect(run.exitCode, run.log).toBe(1);
    expect(run.outputs).toMatchObject({ status: 'fail', 'exit-code': '1' });
    expect(annotationsIn(run.log)).toMatchObject([{ properties: { file: LARGE, line: '8' } }]);
  });

  test('hands arguments on, one a line, and misses what they leave out', async () => {
    const run = await use({ arguments: '-t\nhas fewer' });
    expect(run.exitCode, run.log).toBe(3);
    expect(run.outputs).toMatchObject({ title: '3 missing of 4 targets' });
  });

  test('is red when the project has no gate', async () => {
    await project.edit('vitest.config.ts', "'default', gateReporter()", "'default'");
    await mkdir(join(project.folder, 'reports'), { recursive: true });
    await writeFile(join(project.folder, 'reports/summary.json'), '{}');
    const run = await use({});
    expect(run.exitCode, run.log).toBe(3);
    expect(run.outputs).toMatchObject({ status: 'fail', 'exit-code': '3' });
    expect(run.page).toContain('nothing was judged');
  });

  test('is red when Vitest fails beside a gate that is met', async () => {
    await project.edit(
      LARGE,
      "test('has exactly",
      "void Promise.reject(new Error('oh no'));\ntest('has exactly",
    );
    const run = await use({});
    expect(run.exitCode, run.log).toBe(1);
    expect(run.outputs).toMatchObject({
      status: 'fail',
      'exit-code': '1',
      'summary-path': 'reports/summary.md',
    });
    expect(annotationsIn(run.log)[0]!.message).toContain('1 error outside of tests');
  });

  test.each([
    { name: 'directory', value: '../elsewhere', expected: 'a folder of the repository with a package.json' },
    { name: 'reports', value: '../../reports', expected: 'a folder inside the directory' },
    { name: 'base', value: '--output=x', expected: 'a git revision' },
    { name: 'mode', value: 'trust', expected: 'one of test, judge' },
  ])('refuses the input $name: $value', async ({ name, value, expected }) => {
    const run = await use({ [name]: value });
    expect(run.exitCode, run.log).toBe(4);
    expect(annotationsIn(run.log)[0]!.message).toContain(
      `Input "${name}" is "${value}", expected ${expected}`,
    );
    expect(run.outputs).toMatchObject({ status: 'fail', 'exit-code': '4' });
  });
});

describe('the action as the judge', { timeout: TIMEOUT }, () => {
  test('demands a base', async () => {
    const run = await use({ mode: 'judge' });
    expect(run.exitCode, run.log).toBe(4);
    expect(annotationsIn(run.log)[0]!.message).toContain(
      'Input "base" is "", expected the commit to compare with',
    );
  });

  test('judges the records of a commit, whatever the specs of it say', async () => {
    project.git('init', '--quiet');
    project.git('add', 'spec');
    project.git('commit', '--quiet', '-m', 'Base');
    await project.edit(LARGE, 'toHoldTestAccuracy(99,', 'toBeDefined(); void (99,');
    project.git('commit', '--quiet', '-am', 'Change');
    const run = await use({
      mode: 'judge',
      base: 'HEAD^',
      data: join(ROOT, 'spec/fixtures/digits/digits.ts'),
    });
    expect(run.exitCode, run.log).toBe(3);
    expect(run.outputs).toMatchObject({ status: 'fail', 'exit-code': '3', title: '4 missing of 4 targets' });
    expect(run.page).toContain('the commit has no record of 1-small');
  });
});

/** Runs the action's step as the runner does: inputs in the environment, files for page and outputs. */
async function use(given: Readonly<Record<string, string>>) {
  const page = join(project.folder, 'page.md');
  const output = join(project.folder, 'output');
  await Promise.all([rm(page, { force: true }), rm(output, { force: true })]);
  await Promise.all([writeFile(page, ''), writeFile(output, '')]);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(CI|GITHUB_.*|GATE_.*|VITEST.*|NODE_ENV|TEST|npm_.*)$/.test(name),
  );
  const asEnv = Object.entries(inputs).map(([name, input]) => [
    `INPUT_${name.toUpperCase()}`,
    given[name] ?? input.default,
  ]);
  const env = {
    ...Object.fromEntries([...inherited, ...asEnv] as [string, string][]),
    NO_COLOR: '1',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: project.folder,
    GITHUB_STEP_SUMMARY: page,
    GITHUB_OUTPUT: output,
  };
  const { exitCode, log } = await new Promise<{ exitCode: number; log: string }>((done) => {
    const child = execFile(
      'bash',
      ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', runs.steps[0].run],
      { cwd: project.folder, env },
      (_error, stdout, stderr) => done({ exitCode: child.exitCode ?? -1, log: stdout + stderr }),
    );
  });
  return {
    exitCode,
    log,
    page: await readFile(page, 'utf8'),
    outputs: parseOutputs(await readFile(output, 'utf8')),
  };
}
