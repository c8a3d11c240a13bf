import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from '../../../src/base/git.ts';
import type { Work } from './works.ts';

/** A command that takes longer than that hangs. */
const LONGEST_MS = 120_000;
/** What a developer's shell or a CI job has set decides nothing here. */
const OWN_VARIABLES = /^(CI|GITHUB_.*|GATE_.*|MNIST_.*|VITEST.*|NODE_ENV|NODE_OPTIONS|TEST|RETRAIN|npm_.*)$/i;

export interface Ended {
  /** Undefined: a signal ended it. */
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly ms: number;
}

/** When a command is killed: so long after its start, or so long after a change to its files. */
export interface Kill {
  readonly signal: NodeJS.Signals;
  readonly after: 'start' | 'change';
  /** Of changes: which one. */
  readonly change: number;
  readonly ms: number;
}

/** Runs a command of the built project to its end, or until it is killed. Ctrl-C comes to all of a terminal's processes, the others to one. */
export function runCommandIn(
  folder: string,
  work: Work,
  { kill, env = {} }: { readonly kill?: Kill; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const start = performance.now();
  const inherited = Object.entries(cleanEnvironment(process.env)).filter(
    ([name]) => !OWN_VARIABLES.test(name),
  );
  const child = spawn(process.execPath, ['dist/bin/codecodecode.js', ...work.args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...work.env(folder), ...env },
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()));
  const stop = kill && scheduleKill(child, folder, kill);
  const hung = setTimeout(() => {
    output += `\nit did not end within ${LONGEST_MS / 1000} s`;
    end(child, 'SIGKILL', true);
  }, LONGEST_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not 'close': what a killed command has started may hold its pipes a moment longer.
    child.once('exit', (code) => {
      clearTimeout(hung);
      stop?.();
      const done = () => resolve({ exitCode: code ?? undefined, output, ms: performance.now() - start });
      if (kill) done();
      else child.once('close', done);
    });
  });
}

function scheduleKill(child: ChildProcess, folder: string, { signal, after, change, ms }: Kill): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = () => (timer ??= setTimeout(() => end(child, signal, signal === 'SIGINT'), ms));
  if (after === 'start') {
    arm();
    return () => clearTimeout(timer);
  }
  let changes = 0;
  const watcher = watch(join(folder, 'disk'), { recursive: true }, () => {
    if (++changes >= change) arm();
  });
  // Should it never come to so many.
  watcher.on('error', () => undefined);
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

function end(child: ChildProcess, signal: NodeJS.Signals, all: boolean): void {
  try {
    process.kill(all ? -child.pid! : child.pid!, signal);
  } catch {
    // It ended this moment.
  }
}
