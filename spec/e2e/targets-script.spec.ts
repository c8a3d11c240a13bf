import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gateProject } from './gate-project.ts';
import type { GateProject } from './gate-project.ts';

const TIMEOUT = 60_000;
const LOCK = 'spec/targets.lock.json';
const LARGE = 'spec/networks/2-large.spec.ts';
const CALL = 'expect(large()).toHoldTestAccuracy(99, { from: 2, within: 3 });';

let project: GateProject;
beforeEach(async () => {
  project = await gateProject();
});
afterEach(() => project.dispose());

describe('npm run targets', { timeout: TIMEOUT }, () => {
  test('--update writes the lock that the specs declare, as it is committed', async () => {
    const before = await lock();
    await writeFile(join(project.folder, LOCK), '{}');
    expect(await targets(['--update'])).toMatchObject({ exitCode: 0 });
    expect(await lock()).toBe(before);
  });

  test('--update is refused with CI set', async () => {
    const before = await lock();
    await project.edit(LARGE, 'toHoldTestAccuracy(99,', 'toHoldTestAccuracy(98,');
    const { exitCode, output } = await targets(['--update'], { CI: '1' });
    expect(output).toContain('--update is refused with CI set');
    expect(exitCode).toBe(3);
    expect(await lock()).toBe(before);
  });

  test('--update is refused while a test is skipped', async () => {
    await project.edit(LARGE, "test('holds", "test.skip('holds");
    const { exitCode, output } = await targets(['--update']);
    expect(output).toContain('"holds 99 % from epoch 2 to 3" skipped');
    expect(exitCode).toBe(3);
  });

  test('--update locks the targets behind one that is not met, too', async () => {
    await project.edit(LARGE, CALL, `expect(large()).toEndAtOrAbove(99.9);\n  ${CALL}`);
    expect(await targets(['--update'])).toMatchObject({ exitCode: 0 });
    expect(metrics(await lock())).toEqual([
      'final test accuracy',
      'parameters',
      'final test accuracy',
      'held test accuracy',
      'parameters',
    ]);
  });

  test('--update is refused while a test fails, whatever it has measured before', async () => {
    const before = await lock();
    await project.edit(LARGE, CALL, `${CALL}\n  throw new Error('oh no');`);
    const { exitCode, output } = await targets(['--update']);
    expect(output).toContain('"holds 99 % from epoch 2 to 3" failed');
    expect(exitCode).toBe(3);
    expect(await lock()).toBe(before);
  });

  test('--update is refused where a test passes without the target that it had', async () => {
    await project.edit(LARGE, CALL, 'expect(large()).toBeDefined();');
    const { exitCode, output } = await targets(['--update']);
    expect(output).toContain('"holds 99 % from epoch 2 to 3" passed');
    expect(exitCode).toBe(3);
  });

  test('--update keeps the declared seeds', async () => {
    await project.edit(LOCK, '"targets"', '"seeds": { "1-small": "1" }, "targets"');
    expect(await targets(['--update'])).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(await lock())).toMatchObject({ seeds: { '1-small': '1' } });
  });

  test('--base is red for a loosened target until it is acknowledged with a reason', async () => {
    commitAll(project);
    await project.edit(LOCK, '"target": 99,', '"target": 98,');
    const loosened = await targets(['--base', 'HEAD']);
    expect(loosened.output).toContain('loosened: 2-large / held test accuracy >=');
    expect(loosened.exitCode).toBe(3);

    const entry = {
      target: '2-large / held test accuracy >=',
      from: 'held test accuracy >= 99 %, epochs 2 to 3',
      to: 'held test accuracy >= 98 %, epochs 2 to 3',
      reason: 'the smaller network is worth a point',
    };
    await writeFile(join(project.folder, 'spec/loosened.json'), JSON.stringify([entry]));
    const acknowledged = await targets(['--base', 'HEAD']);
    expect(acknowledged.output).toContain('acknowledged: the smaller network is worth a point');
    expect(acknowledged.exitCode).toBe(0);
  });

  test('--update and --base do not go together, and the lock stays', async () => {
    const before = await lock();
    const { exitCode, output } = await targets(['--update', '--base', 'HEAD']);
    expect(output.trim()).toBe(
      "option '--update' cannot be used with option '--base <revision>'. Add --help to see what there is.",
    );
    expect(exitCode).toBe(4);
    expect(await lock()).toBe(before);
  });

  test('--base with an unknown revision is one clear line and exit code 4', async () => {
    commitAll(project);
    const { exitCode, output } = await targets(['--base', 'origin/main']);
    expect(output.trim().split('\n')).toEqual([
      'The base "origin/main" is not a revision of this repository; check the name, or fetch it (git fetch origin).',
    ]);
    expect(exitCode).toBe(4);
  });
});

describe('the gate with GATE_BASE', { timeout: TIMEOUT }, () => {
  test('is red with exit code 3 for a loosened target, which it names', async () => {
    commitAll(project);
    await project.edit(LOCK, '"target": 99,', '"target": 98,');
    await project.edit(LARGE, 'toHoldTestAccuracy(99,', 'toHoldTestAccuracy(98,');
    const run = await project.run([], { GATE_BASE: 'HEAD' });
    expect(run.output).toContain('loosened: 2-large / held test accuracy >=');
    expect(run.summary?.verdict).toMatchObject({ exitCode: 3, title: '1 loosened or removed of 4 targets' });
    expect(run.exitCode).toBe(3);
  });
});

function metrics(text: string): readonly string[] {
  return (JSON.parse(text) as { targets: { metric: string }[] }).targets.map(({ metric }) => metric);
}

function lock(): Promise<string> {
  return readFile(join(project.folder, LOCK), 'utf8');
}

function targets(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(CI|GATE_.*|VITEST.*|NODE_ENV|TEST)$/.test(name),
  );
  const script = ['--import', 'tsx', 'src/bin/codecodecode.ts', 'targets', '--root', project.folder, ...args];
  return new Promise<{ exitCode: number; output: string }>((done) => {
    const options = { env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env } };
    const child = execFile(process.execPath, script, options, (_error, stdout, stderr) =>
      done({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

/** The copy lies inside this repository and is ignored by it: it becomes a repository of its own. */
function commitAll({ git }: GateProject): void {
  git('init', '--quiet');
  git('add', 'spec');
  git('commit', '--quiet', '-m', 'Base');
}
