import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestModule } from 'vitest/node';
import { ExitCode, GateError } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { LOCK_FILE, lockOf, parseLock, type Lock } from '../gates/manifest.ts';
import { DECLARE_ONLY } from '../matchers/meta.ts';
import { collect } from '../report/collect.ts';

/** A project whose specs declare targets. */
export interface Project {
  readonly root: string;
  /** The Vitest project that declares them; undefined: all. */
  readonly project: string | undefined;
  /** Which seeds each iteration is judged on ("1-20"); absent: as in the lock. */
  readonly seeds?: Readonly<Record<string, string>>;
}

/** The lock of a folder; undefined where there is none. */
export function lockIn(root: string): Lock | undefined {
  const file = resolve(root, LOCK_FILE);
  return existsSync(file) ? parseLock(readFileSync(file, 'utf8'), LOCK_FILE) : undefined;
}

/**
 * Runs the specs and writes what they declare as the lock. A target need not be met to be locked: the lock says what is promised.
 * Throws GateError where a test does not get as far as its targets.
 */
export async function lockSpecs({ root, project, seeds }: Project): Promise<Lock> {
  let modules: readonly TestModule[] = [];
  const collector = { onTestRunEnd: (ended: readonly TestModule[]) => void (modules = ended) };
  const options = { root, watch: false, reporters: [collector], ...(project ? { project: [project] } : {}) };
  // Only here: Vitest takes seconds to load.
  const { startVitest } = await import('vitest/node');
  // Matchers then record and do not throw: a target that is not met does not hide those after it.
  process.env[DECLARE_ONLY] = '1';
  const vitest = await startVitest('test', [], options);
  await vitest.close();
  delete process.env[DECLARE_ONLY];
  const before = lockBefore(root);
  const lock = lockOf(collect(modules, { root, lines: false }).facts, before, seeds ?? before?.seeds);
  writeWhole(resolve(root, LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`);
  return lock;
}

/** One that is broken is what is to be mended. */
function lockBefore(root: string): Lock | undefined {
  try {
    return lockIn(root);
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

/** Runs Vitest in a project as people do, its reporter included; what it prints is printed. Ends with Vitest's exit code. */
export async function runVitest(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(process.execPath, [vitestOf(folder), 'run', ...args], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const pass = (signal: NodeJS.Signals) => {
    child.kill(signal);
    // What the shell expects of a process that a signal ended; not before the one that writes reports is gone.
    child.once('exit', () => process.exit(128 + constants.signals[signal]));
  };
  process.once('SIGINT', pass).once('SIGTERM', pass);
  child.once('exit', () => process.off('SIGINT', pass).off('SIGTERM', pass));
  return new Promise((done, failed) => {
    child.once('error', failed);
    // A signal leaves no code.
    child.once('exit', (code) => done(code ?? ExitCode.infrastructure));
  });
}

function vitestOf(folder: string): string {
  try {
    return join(createRequire(join(folder, 'package.json')).resolve('vitest/package.json'), '../vitest.mjs');
  } catch {
    throw new GateError(`Vitest is not installed in ${folder}. Run "npm ci" first.`);
  }
}
