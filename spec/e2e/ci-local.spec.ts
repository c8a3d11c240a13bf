import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseOutputs } from '../../scripts/support/rehearsal/outputs-file.ts';
import { ciLocal, ciProject } from './ci-project.ts';
import type { CiProject, CiRun } from './ci-project.ts';

/** Each case runs npm some ten times. */
const TIMEOUT = 600_000;
const SPEC = 'spec/networks/1-digits.spec.ts';

let project: CiProject;
beforeEach(async () => {
  project = await ciProject();
  // The judge refuses to compare a commit with itself.
  await writeFile(join(project.folder, 'note.txt'), 'a change of something else');
});
afterEach(() => project.dispose());

describe('the workflow of pull requests, run on this machine,', { timeout: TIMEOUT }, () => {
  test('is green with a page, outputs and reports when every target is met', async () => {
    const run = await ciLocal(project);
    expect(run.exitCode, run.output).toBe(0);
    expect(run.jobs.map(({ name, result }) => `${name}: ${result}`)).toEqual([
      'Lint, types, unit specs: success',
      'Kernels, gate and page: success',
      'Network 1-digits: success',
      'Report of the test run: success',
      'Gate: success',
    ]);
    expect(await run.file('gate/summary.md')).toMatch(/^## ✅ 10 targets met\n/);
    expect(await run.file('gate/summary.md')).toContain('1 of 1 runs replayed, to the bit');
    expect(parseOutputs(await run.file('gate/output'))).toMatchObject({
      status: 'pass',
      'exit-code': '0',
      title: '10 targets met',
    });
    expect(await run.file('artifacts/gate-report/summary.json')).toContain('"10 targets met"');
    expect(await run.file('artifacts/test-report/junit.xml')).toContain('holds 94 %');
    expect(annotations(run)).toEqual([]);
  });

  test('is red with exit code 3 when what one leg handed over is lost', async () => {
    const run = await ciLocal(project, '--lose', '1-digits');
    expect(run.exitCode, run.output).toBe(3);
    expect(run.jobs.filter(({ result }) => result !== 'success').map(({ name }) => name)).toEqual([
      'Report of the test run',
      'Gate',
    ]);
    expect(await run.file('gate/summary.md')).toContain('the test run left no report');
  });

  test('is red with the target annotated that the record does not keep', async () => {
    await project.edit(SPEC, 'toHaveParameters(2_316)', 'toHaveParameters(2_317)');
    await project.edit('spec/targets.lock.json', '2316', '2317');
    const run = await ciLocal(project);
    expect(run.exitCode, run.output).toBe(3);
    expect(run.jobs.filter(({ result }) => result !== 'success').map(({ name }) => name)).toEqual([
      'Network 1-digits',
      'Report of the test run',
      'Gate',
    ]);
    expect(annotations(run).map(({ message }) => message)).toEqual([
      expect.stringContaining('promised parameters == 2,317; measured: 2,316.'),
      'from "parameters == 2,316" to "parameters == 2,317", not acknowledged in spec/loosened.json',
    ]);
  });

  test('is red when a job without targets fails', async () => {
    await project.edit('package.json', '"lint": "node --version"', '"lint": "exit 7"');
    const run = await ciLocal(project);
    expect(run.exitCode, run.output).toBe(7);
    expect(run.jobs.map(({ result }) => result)).toEqual([
      'failure',
      'skipped',
      'skipped',
      'failure',
      'failure',
    ]);
    expect(await run.file('gate/summary.md')).toContain('the test run left no report');
  });
});

test('a workflow that is not there is refused by its name', { timeout: TIMEOUT }, async () => {
  const run = await ciLocal(project, 'no-such');
  expect(run.output).toContain('There is no workflow no-such.yml');
  expect(run.exitCode).toBe(4);
});

function annotations(run: CiRun) {
  return run.jobs.find(({ name }) => name === 'Gate')?.annotations ?? [];
}
