import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { iterations } from '../../src/iterations/index.ts';
import { summarize } from '../../src/report/summary.ts';
import { evidence } from '../support/records.ts';

const PROGRAM = ['--import', 'tsx', resolve('src/bin/codecodecode.ts')];
const colourless = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

function codecodecode(args: readonly string[], env: NodeJS.ProcessEnv = colourless) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...PROGRAM, ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr: stderr.trim() };
}

describe('codecodecode', { timeout: 60_000 }, () => {
  test('answers an unknown command in one line with the nearest one, and ends with 4', () => {
    expect(codecodecode(['trian'])).toEqual({
      status: 4,
      stdout: '',
      stderr: "unknown command 'trian'. Did you mean train?",
    });
  });

  test('blesses no records with CI set', () => {
    const { status, stderr } = codecodecode(['bless'], { ...colourless, CI: '1' });
    expect(stderr).toContain('Records are not blessed with CI set');
    expect(status).toBe(3);
  });

  test('is red in its message where colours are wanted, and nowhere with NO_COLOR', () => {
    const wanted = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: '1' };
    expect(codecodecode(['trian'], wanted).stderr).toContain('\u001B[31m');
    expect(codecodecode(['trian']).stderr).not.toContain('\u001B');
  });

  test('goes on to its end, without a word, where the reader of its output leaves (| head -1)', async () => {
    const child = spawn(process.execPath, [...PROGRAM, 'why', '--source'], { env: colourless });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect(errors).not.toMatch(/EPIPE|\n {4}at /);
    expect(code).toBe(0);
  });

  test('explains the models of the last run, and says of the others that the run left them out', () => {
    const root = mkdtempSync(join(tmpdir(), 'why-'));
    mkdirSync(join(root, 'reports'));
    const partial = summarize({ rows: [], evidences: [evidence()], notices: [], failedTests: 0 });
    writeFileSync(join(root, 'reports/summary.json'), JSON.stringify(partial));
    const [measured, other] = [evidence().id, iterations.find(({ id }) => id !== evidence().id)!.id];
    expect(codecodecode(['why', measured, '--root', root])).toMatchObject({ status: 0, stderr: '' });
    const { status, stderr } = codecodecode(['why', other, '--root', root]);
    rmSync(root, { recursive: true });
    expect(stderr).toContain(`The last run measured ${measured} only`);
    expect(stderr).toContain(`not "${other}"`);
    expect(status).toBe(4);
  });
});
