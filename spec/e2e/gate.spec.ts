import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gateProject } from './gate-project.ts';
import type { GateProject, GateRun } from './gate-project.ts';

/** Each case starts Vitest in a process of its own. */
const TIMEOUT = 60_000;
const SMALL = 'spec/networks/1-small.spec.ts';
const LARGE = 'spec/networks/2-large.spec.ts';
const HOLDS = "test('holds 99 % from epoch 2 to 3', () => {";

let project: GateProject;
beforeEach(async () => {
  project = await gateProject();
});
afterEach(() => project.dispose());

describe('a run of the gate', { timeout: TIMEOUT }, () => {
  test('is green with exit code 0 when every target is measured and met, in CI too', async () => {
    const run = await project.run([], { CI: '1' });
    expect(run.output).toContain('4 targets met');
    expect(run.exitCode).toBe(0);
    expect(run.summary?.iterations.map(({ id }) => id)).toEqual(['1-small', '2-large']);
  });

  test('is red with exit code 1 when a target is not met, and names its line', async () => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    const run = await project.run();
    expect(run.exitCode).toBe(1);
    const row = rowsOf(run).find(({ status }) => status === 'fail');
    expect(row).toMatchObject({ metric: 'parameters', actual: 9_715, location: { file: LARGE, line: 8 } });
  });

  test('is red with exit code 1, not 3, for a target that its test never reached after one that is not met', async () => {
    await project.edit(LARGE, HOLDS, `${HOLDS}\n  expect(large()).toEndAtOrAbove(99.9, { label: 'first' });`);
    const target = JSON.stringify({
      iteration: '2-large',
      metric: 'final test accuracy (first)',
      operator: '>=',
      target: 99.9,
      unit: '%',
      level: 'error',
      over: 'min',
      spec: LARGE,
      test: 'holds 99 % from epoch 2 to 3',
    });
    await project.edit('spec/targets.lock.json', '"targets": [', `"targets": [${target},`);
    const run = await project.run();
    expect(rowsOf(run).find(({ metric }) => metric === 'held test accuracy')).toMatchObject({
      status: 'fail',
      detail: 'not measured: "holds 99 % from epoch 2 to 3" ended at a target before it',
    });
    expect(run.exitCode).toBe(1);
  });

  test('stays red when the failing assertion is caught or expected to fail', async () => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    await project.edit(LARGE, "test('has exactly", "test.fails('has exactly");
    expect((await project.run()).exitCode).toBe(1);
  });
});

describe('a target that is not measured is red with exit code 3 and is named:', { timeout: TIMEOUT }, () => {
  test('its test is skipped', async () => {
    await project.edit(LARGE, HOLDS, HOLDS.replace('test(', 'test.skip('));
    expectMissing(await project.run(), 'held test accuracy', '"holds 99 % from epoch 2 to 3" was skipped');
  });

  test('its suite is skipped', async () => {
    await project.edit(SMALL, "describe('", "describe.skip('");
    expectMissing(await project.run(), 'parameters', 'has fewer than 8,000 parameters" was skipped');
  });

  test('its test is a todo', async () => {
    await project.edit(
      LARGE,
      HOLDS,
      `${HOLDS.replace('test(', 'test.todo(').replace(', () => {', ');')}\nvoid (() => {`,
    );
    expectMissing(await project.run(), 'held test accuracy', '"holds 99 % from epoch 2 to 3" is a todo');
  });

  test('another test of its file is .only', async () => {
    await project.edit(LARGE, "test('has exactly", "test.only('has exactly");
    expectMissing(await project.run(), 'held test accuracy', 'was left out by a .only');
  });

  test('its spec file is deleted', async () => {
    await project.remove(LARGE);
    const run = await project.run();
    expectMissing(run, 'held test accuracy', `${LARGE} is gone: deleted or renamed`);
    expectMissing(run, 'parameters', `${LARGE} is gone: deleted or renamed`);
  });

  test('its test is deleted', async () => {
    await project.edit(LARGE, 'toHoldTestAccuracy(99, { from: 2, within: 3 })', 'toBeDefined()');
    await project.edit(LARGE, 'holds 99 % from epoch 2 to 3', 'is there');
    expectMissing(await project.run(), 'held test accuracy', 'is no longer in');
  });

  test('its test passes without measuring it', async () => {
    await project.edit(LARGE, 'toHoldTestAccuracy(99, { from: 2, within: 3 })', 'toBeDefined()');
    expectMissing(await project.run(), 'held test accuracy', 'passed without measuring it');
  });

  test('its test throws before it asserts', async () => {
    await project.edit(LARGE, HOLDS, `${HOLDS}\n  throw new Error('oh no');`);
    expectMissing(await project.run(), 'held test accuracy', 'threw before it measured: oh no');
  });

  test('its file throws before its tests', async () => {
    await project.edit(LARGE, HOLDS, `throw new Error('oh no');\n${HOLDS}`);
    expectMissing(await project.run(), 'held test accuracy', 'threw before it measured: oh no');
  });

  test('a hook before it throws', async () => {
    await project.edit(LARGE, 'import { expect, test }', 'import { beforeAll, expect, test }');
    await project.edit(LARGE, HOLDS, `beforeAll(() => {\n  throw new Error('oh no');\n});\n${HOLDS}`);
    expectMissing(await project.run(), 'held test accuracy', 'threw before it measured: oh no');
  });

  test('a filter by file leaves it out in CI', async () => {
    expectMissing(await project.run([SMALL], { CI: '1' }), 'held test accuracy', `${LARGE} did not run`);
  });

  test('a filter by name leaves it out in CI', async () => {
    expectMissing(await project.run(['-t', 'parameters'], { CI: '1' }), 'held test accuracy', 'was skipped');
  });

  test("its shard's blob is lost before the merge", async () => {
    await blobs(project);
    await rm(join(project.folder, 'blobs/2.json'));
    const run = await project.run(['--merge-reports', 'blobs']);
    expect(run.summary?.verdict.title).toBe('2 missing of 4 targets');
    expect(run.output).toContain('its shard is lost');
    expect(run.exitCode).toBe(3);
  });
});

describe('a target that does not count is refused with exit code 3:', { timeout: TIMEOUT }, () => {
  test('it was edited and the lock was not', async () => {
    await project.edit(LARGE, 'toHoldTestAccuracy(99,', 'toHoldTestAccuracy(98,');
    expectRefused(await project.run(), 'says held test accuracy >= 99 %, epochs 2 to 3, the spec');
  });

  test('its test may be retried', async () => {
    await project.edit(LARGE, HOLDS, HOLDS.replace(', () =>', ', { retry: 2 }, () =>'));
    expectRefused(await project.run(), 'may be retried 2 times');
  });

  test('every test may be retried', async () => {
    expectRefused(await project.run(['--retry=1']), 'may be retried 1 times');
  });

  test('it is negated', async () => {
    await project.edit(LARGE, '.toHoldTestAccuracy(99,', '.not.toHoldTestAccuracy(99,');
    expectRefused(await project.run(), 'a target under .not');
  });

  test('it is not in the lock, in CI', async () => {
    await project.edit(LARGE, HOLDS, `${HOLDS}\n  expect(large()).toReachTrainAccuracy(50);`);
    expectRefused(await project.run([], { CI: '1' }), 'not in spec/targets.lock.json');
  });

  test('there is no lock, in CI', async () => {
    await project.remove('spec/targets.lock.json');
    expectRefused(await project.run([], { CI: '1' }), 'not in spec/targets.lock.json');
  });
});

describe('a partial run', { timeout: TIMEOUT }, () => {
  test('is judged locally by what it was asked for', async () => {
    const run = await project.run([SMALL]);
    expect(run.output).toContain(`partial run (${SMALL}): 2 targets not asked for.`);
    expect(run.exitCode).toBe(0);
  });

  test('by name still misses what it was asked for and skipped', async () => {
    await project.edit(LARGE, HOLDS, HOLDS.replace('test(', 'test.skip('));
    expectMissing(await project.run(['-t', 'holds']), 'held test accuracy', 'was skipped');
  });

  test('is green in CI as a leg of a matrix that says so in GATE_SCOPE', async () => {
    const run = await project.run([SMALL], { CI: '1', GATE_SCOPE: '1-small' });
    expect(run.output).toContain('partial run (GATE_SCOPE: 1-small): 2 targets not asked for.');
    expect(run.exitCode).toBe(0);
  });

  test('is red in CI when its scope names an iteration that it did not run', async () => {
    const run = await project.run([SMALL], { CI: '1', GATE_SCOPE: '1-small,2-large' });
    expectMissing(run, 'held test accuracy', `${LARGE} did not run`);
  });

  test('is red with exit code 4 when its scope names an unknown iteration', async () => {
    const run = await project.run([SMALL], { CI: '1', GATE_SCOPE: '7-unknown' });
    expect(run.output).toContain('GATE_SCOPE names "7-unknown"');
    expect(run.exitCode).toBe(4);
  });
});

describe('a merge of all shards', { timeout: TIMEOUT }, () => {
  test('has the rows of every shard and is green', async () => {
    await blobs(project);
    const run = await project.run(['--merge-reports', 'blobs'], { CI: '1' });
    expect(run.output).toContain('4 targets met');
    expect(run.exitCode).toBe(0);
  });
});

describe('figures that could not be measured', { timeout: TIMEOUT }, () => {
  const recorded = (text: string) => text.replace(' })', " }, 'recorded')");

  test('are shown as recorded and are green locally', async () => {
    await project.edit(SMALL, 'parameters: 7_826 })', recorded('parameters: 7_826 })'));
    const run = await project.run();
    expect(run.output).toContain('recorded, not re-measured');
    expect(run.exitCode).toBe(0);
  });

  test('are red in CI with exit code 4, unlike what is counted on the model', async () => {
    await project.edit(SMALL, 'parameters: 7_826 })', recorded('parameters: 7_826 })'));
    const run = await project.run([], { CI: '1' });
    expect(
      rowsOf(run)
        .filter(({ status }) => status === 'error')
        .map(({ metric }) => metric),
    ).toEqual(['final test accuracy']);
    expect(run.exitCode).toBe(4);
  });

  test('are an error, not a miss, when their spec says why they could not be had', async () => {
    const why = "throw Object.assign(new Error('no MNIST'), { name: 'GateError' });";
    await project.edit(LARGE, HOLDS, `${HOLDS}\n  ${why}`);
    const run = await project.run();
    expect(rowsOf(run).find(({ status }) => status === 'error')?.detail).toBe(
      'could not be measured: no MNIST',
    );
    expect(run.exitCode).toBe(4);
  });

  test('are refused when their spec says that what was found does not count', async () => {
    const why = "throw Object.assign(new Error('changed by hand'), { name: 'GateError', exitCode: 3 });";
    await project.edit(LARGE, HOLDS, `${HOLDS}\n  ${why}`);
    expectRefused(await project.run(), 'changed by hand');
  });

  test('do not hide a gate that is broken itself', async () => {
    await writeFile(join(project.folder, 'spec/targets.lock.json'), '{');
    const run = await project.run();
    expect(run.output).toContain('Gate: spec/targets.lock.json is not JSON');
    expect(run.exitCode).toBe(3);
  });
});

function rowsOf(run: GateRun) {
  return run.summary?.iterations.flatMap(({ targets }) => targets) ?? [];
}

function expectMissing(run: GateRun, metric: string, detail: string): void {
  const row = rowsOf(run).find((candidate) => candidate.metric === metric && candidate.status === 'missing');
  expect(row?.detail, run.output).toContain(detail);
  expect(run.output).toContain(detail);
  expect(run.exitCode).toBe(3);
}

function expectRefused(run: GateRun, detail: string): void {
  const details = rowsOf(run).map((row) => (row.status === 'refused' ? row.detail : undefined));
  expect(
    details.some((found) => found?.includes(detail)),
    run.output,
  ).toBe(true);
  expect(run.output).toContain(detail);
  expect(run.exitCode).toBe(3);
}

/** Runs each of two shards into a blob, without judging. */
async function blobs({ folder, run }: GateProject): Promise<void> {
  await mkdir(join(folder, 'blobs'));
  for (const shard of [1, 2]) {
    const { exitCode, output } = await run([
      '--shard',
      `${shard}/2`,
      '--reporter=blob',
      `--outputFile=blobs/${shard}.json`,
    ]);
    expect(exitCode, output).toBe(0);
  }
}
