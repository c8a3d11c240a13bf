import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gateProject } from './gate-project.ts';
import type { GateProject, GateRun } from './gate-project.ts';

/** Each case starts Vitest in a process of its own. */
const TIMEOUT = 60_000;
const SMALL = 'spec/networks/1-small.spec.ts';
const LARGE = 'spec/networks/2-large.spec.ts';
const LOCK = 'spec/targets.lock.json';
const CONFIG = 'vitest.config.ts';
const HOLDS = "test('holds 99 % from epoch 2 to 3', () => {";
const CALL = 'expect(large()).toHoldTestAccuracy(99, { from: 2, within: 3 });';
/** Of a network that is worse. */
const WORSE = 'parameters: 9_714, test: [98, 98, 98]';

let project: GateProject;
beforeEach(async () => {
  project = await gateProject();
});
afterEach(() => project.dispose());

describe('what a run is held against is what it was when the run began:', { timeout: TIMEOUT }, () => {
  test('a lock that a spec rewrites', async () => {
    await atRunTime(`writeFileSync('${LOCK}', readFileSync('${LOCK}', 'utf8').replace('99,', '98,'))`);
    await expectRed(`${LOCK} is not what it was when the run began`);
  });

  test('an acknowledgement that a spec writes', async () => {
    await atRunTime("writeFileSync('spec/loosened.json', '[]')");
    await expectRed('spec/loosened.json is not what it was when the run began');
  });

  test('a base that a spec moves', async () => {
    project.git('init', '--quiet', '--initial-branch=main');
    project.git('add', '--all');
    project.git('commit', '--quiet', '-m', 'Base');
    await atRunTime(
      "execSync('git -c user.name=x -c user.email=x@example.invalid commit -qm Moved --allow-empty')",
    );
    await expectRed('something moves it while the tests run', { GATE_BASE: 'main' });
  });
});

describe('a configuration takes back nothing of what is asked for:', { timeout: TIMEOUT }, () => {
  test('neither CI nor the scope', async () => {
    await project.edit(LARGE, HOLDS, HOLDS.replace('test(', 'test.skip('));
    await project.edit(
      CONFIG,
      'export default',
      "process.env['GATE_SCOPE'] = 'none';\nprocess.env['CI'] = 'false';\nexport default",
    );
    await project.edit(CONFIG, 'gateReporter()', "gateReporter({ env: { CI: '', GATE_SCOPE: 'none' } })");
    await expectRed('was skipped', { CI: '1' });
  });

  test('nor a lock, where no test is left', async () => {
    await project.edit(CONFIG, 'isolate: false,', 'isolate: false, passWithNoTests: true,');
    for (const file of [LOCK, SMALL, LARGE]) await project.remove(file);
    await expectRed(`There is no ${LOCK}: in CI every target is owed by it`, { CI: '1' });
  });
});

describe('a test that is told to pass is red all the same:', { timeout: TIMEOUT }, () => {
  test('it is repeated, and one attempt fails', async () => {
    const call = CALL.replace('large()', 'attempt++ === 0 ? worse() : large()');
    const repeated = HOLDS.replace(', () =>', ', { repeats: 2 }, () =>');
    await project.edit(LARGE, CALL, call);
    await project.edit(LARGE, HOLDS, `${worse()}\nlet attempt = 0;\n${repeated}`);
    const run = await expectRed('2-large');
    const held = rowsOf(run).filter(({ metric }) => metric === 'held test accuracy');
    expect(held.map(({ status }) => status)).toEqual(['refused', 'refused', 'refused']);
  });

  test('it tries runs until one is good', async () => {
    const loop = `for (const network of [worse, large]) try {\n    ${CALL.replace('large()', 'network()')}\n    break;\n  } catch { /* the next one */ }`;
    await project.edit(LARGE, CALL, loop);
    await project.edit(LARGE, HOLDS, `${worse()}\n${HOLDS}`);
    await expectRed('the test handed over 2 evidences of 2-large');
  });

  test('the gates are mocked', async () => {
    await project.edit(
      LARGE,
      "import { expect, test } from 'vitest';",
      "import { expect, test, vi } from 'vitest';",
    );
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    await project.edit(
      LARGE,
      'const large',
      "vi.mock('../../../../../src/gates/judge.ts', async (original) => {\n  const real = await original();\n  return { ...real, judge: (...all) => ({ ...real.judge(...all), status: 'pass' }) };\n});\nconst large",
    );
    await expectRed('the test says status "pass", its evidence gives "fail"');
  });

  test('the gates are replaced by an alias', async () => {
    await project.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
    await project.write(
      'passes.ts',
      "import { judge as real } from '../../../src/gates/judge.ts?real';\nexport * from '../../../src/gates/judge.ts?real';\nexport const judge = (...all) => ({ ...real(...all), status: 'pass' });\n",
    );
    await project.edit(
      CONFIG,
      'defineConfig({',
      "defineConfig({ resolve: { alias: [{ find: /^.*\\/judge\\.ts$/, replacement: import.meta.dirname + '/passes.ts' }] },",
    );
    await expectRed('the test says status "pass", its evidence gives "fail"');
  });
});

function worse(): string {
  return `const worse = () => evidence({ id: '2-large', name: 'Large', ${WORSE} });`;
}

/** A statement of a spec's own, before its first test. */
async function atRunTime(statement: string): Promise<void> {
  await project.edit(
    LARGE,
    'const large',
    `import { execSync } from 'node:child_process';\nimport { readFileSync, writeFileSync } from 'node:fs';\nvoid [execSync, readFileSync, writeFileSync];\n${statement};\nconst large`,
  );
}

async function expectRed(says: string, env: Readonly<Record<string, string>> = {}): Promise<GateRun> {
  const run = await project.run([], env);
  expect(run.output.replace(/\s+/g, ' ')).toContain(says);
  expect(run.summary?.verdict).toMatchObject({ status: 'fail', exitCode: 3 });
  expect(run.exitCode).toBe(3);
  return run;
}

function rowsOf(run: GateRun) {
  return run.summary?.iterations.flatMap(({ targets }) => targets) ?? [];
}
