import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../src/errors.ts';

const TRAINING = fileURLToPath(new URL('./failing-training.ts', import.meta.url));
const LONGEST_MS = 5_000;

/** What a command says, how it ends, and how long after the fault. */
function train(fault: string) {
  return new Promise<{ code: number | null; stderr: string; message: string; late: number }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', TRAINING], {
      env: { ...process.env, FAULT: fault, NO_COLOR: '1' },
    });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('close', (code) => {
      const [, at = Date.now()] = /fault at (\d+)/.exec(stderr) ?? [];
      const lines = stderr.split('\n').filter((line) => line.startsWith('Thread '));
      resolve({ code, stderr, message: lines.join('\n'), late: Date.now() - Number(at) });
    });
  });
}

describe('a training one of whose threads fails in a step', () => {
  it.each([
    ['throws', 'throw', 'the images are gone'],
    ['is ended', 'end', 'it was ended'],
    ['runs out of memory', 'memory', 'Worker terminated due to reaching memory limit: JS heap out of memory'],
  ])('ends within seconds, with thread, phase and cause, and exit code 4: it %s', async (_, fault, why) => {
    const { code, stderr, message, late } = await train(fault);
    expect(message, stderr).toMatch(
      /^Thread 2 of 3 of the native engine failed in phase 1 of \d+ of a training step \([A-Za-z, ]+\): /,
    );
    expect(message).toContain(`: ${why}. Start the command again.`);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(ExitCode.infrastructure);
    expect(late).toBeLessThan(LONGEST_MS);
  });

  it('ends so where a thread does not even start', async () => {
    const { code, message } = await train('start');
    expect(message).toMatch(
      /^Thread [23] of 3 of the native engine failed as it started: nothing to stand on\./,
    );
    expect(code).toBe(ExitCode.infrastructure);
  });
});
