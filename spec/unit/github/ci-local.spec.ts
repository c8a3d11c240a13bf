import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseOutputs } from '../../../scripts/support/rehearsal/outputs-file.ts';
import { ciLocal, ciProject } from './ci-project.ts';
import type { CiRun } from './ci-project.ts';
import type { GateProject } from '../../support/gate-project.ts';

/** Each case runs npm some ten times. */
const TIMEOUT = 600_000;
const LARGE = 'spec/networks/2-large.spec.ts';

let project: GateProject;
beforeEach(async () => {
  project = await ciProject();
});
afterEach(() => project.dispose());

describe('the workflow of pull requests, run on this machine,', { timeout: TIMEOUT }, () => {
  test('is green with a page, outputs and reports when every target is met', async () => {
    const run = await ciLocal(project);
    expect(run.exitCode, run.output).toBe(0);
    expect(run.jobs.map(({ name, result }) => `${name}: ${result}`)).toEqual([
      'Lint, types, unit specs: success',
      'Kernels and gate: success',
      'Network 1-small: success',
      'Network 2-large: success',
      'Gate: success',
    ]);
    expect(await run.file('gate/summary.md')).toMatch(/^## ✅ 4 targets met\n/);
    expect(parseOutputs(await run.file('gate/output'))).toEqual({
      status: 'pass',
      'exit-code': '0',
      title: '4 targets met',
      'summary-path': 'reports/summary.md',
      'worst-margin': '0',
      'worst-margin-target': '2-large: held test accuracy >= 99 %, epochs 2 to 3',
    });
    expect(await run.file('artifacts/gate-report/summary.json')).toContain('"4 targets met"');
    expect(await run.file('artifacts/gate-report/junit.xml')).toContain('holds 99 % from epoch 2 to 3');
    expect(annotations(run)).toEqual([]);
  });

  test('is red with exit code 3 when what one leg handed over is lost', async () => {
    const run = await ciLocal(project, '--lose', '2-large');
    expect(run.exitCode, run.output).toBe(3);
    expect(run.jobs.filter(({ result }) => result !== 'success').map(({ name }) => name)).toEqual(['Gate']);
    expect(await run.file('gate/summary.md')).toMatch(/^## ❌ 2 missing of 4 targets\n/);
    expect(annotations(run)).toMatchObject([
      { type: 'error', properties: { file: LARGE, line: '1' } },
      { type: 'error', properties: { file: LARGE, line: '1' } },
    ]);
    expect(annotations(run)[0]!.message).toContain('its shard is lost');
  });

  test('is red with the failing target annotated on its line', async () => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    const run = await ciLocal(project);
    expect(run.exitCode, run.output).toBe(1);
    expect(run.jobs.filter(({ result }) => result !== 'success').map(({ name }) => name)).toEqual([
      'Network 2-large',
      'Gate',
    ]);
    expect(annotations(run)).toEqual([
      {
        type: 'error',
        properties: { title: '2-large: parameters: fail', file: LARGE, line: '8' },
        message: expect.stringContaining('promised parameters == 9,714; measured: 9,715.'),
      },
    ]);
  });

  test('is red when a job without targets fails, and says why the gate had nothing to judge', async () => {
    await project.edit('package.json', '"lint": "node --version"', '"lint": "exit 7"');
    const run = await ciLocal(project);
    expect(run.exitCode, run.output).toBe(7);
    expect(run.jobs.map(({ result }) => result)).toEqual(['failure', 'skipped', 'skipped', 'failure']);
    expect(await run.file('gate/summary.md')).toContain('No leg left a blob');
    expect(parseOutputs(await run.file('gate/output'))).toMatchObject({ status: 'fail', 'exit-code': '3' });
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
