import { execFile, execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../../src/base/git.ts';
import { summarySchema } from '../../src/report/summary.ts';
import type { Summary } from '../../src/report/summary.ts';
import { editorOf } from './edit.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const FIXTURE = join(ROOT, 'spec/fixtures/gate');
/** Ignored by git, and as deep as the fixture, so that its imports hold. */
const COPIES = join(ROOT, '.cache/fixtures');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const BIN = join(ROOT, 'src/bin/codecodecode.ts');

export interface GateRun {
  readonly exitCode: number;
  readonly output: string;
  /** Undefined if the run wrote none. */
  readonly summary: Summary | undefined;
}

/** A throw-away copy of the small project in spec/fixtures/gate, to break and to run the gate on. */
export interface GateProject {
  readonly folder: string;
  /** Replaces text that must be there. */
  readonly edit: (file: string, from: string, to: string) => Promise<void>;
  readonly remove: (file: string) => Promise<void>;
  readonly write: (file: string, text: string) => Promise<void>;
  /** Runs Vitest with these arguments, CI and GATE_* unset but for `env`. */
  readonly run: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<GateRun>;
  /** `vitest --watch`, to be told what it prints. The caller ends it. */
  readonly watch: () => WatchedRun;
  /** In the copy's own repository, never in that around it. */
  readonly git: (...args: readonly string[]) => void;
  /** `codecodecode merge` of the blobs in a folder. */
  readonly merge: (blobs: string) => Promise<GateRun>;
  readonly dispose: () => Promise<void>;
}

export interface WatchedRun {
  /** What was printed since the last call, once it holds `text`. */
  readonly says: (text: string) => Promise<string>;
  readonly end: () => void;
}

export async function gateProject(): Promise<GateProject> {
  await mkdir(COPIES, { recursive: true });
  const folder = await mkdtemp(join(COPIES, 'gate-'));
  await cp(FIXTURE, folder, { recursive: true });
  return {
    folder,
    edit: editorOf(folder),
    remove: (file) => rm(join(folder, file)),
    write: async (file, text) => {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    },
    run: async (args = [], env = {}) => {
      await rm(join(folder, 'reports/summary.json'), { force: true });
      return run(folder, [VITEST, 'run', ...args], env);
    },
    watch: () => watch(folder),
    git: (...args) => {
      execFileSync('git', ['-c', 'user.name=spec', '-c', 'user.email=spec@example.invalid', ...args], {
        cwd: folder,
        stdio: 'pipe',
        env: { ...cleanEnvironment(process.env), GIT_CEILING_DIRECTORIES: COPIES } as NodeJS.ProcessEnv,
      });
    },
    merge: (blobs) => run(folder, ['--import', 'tsx', BIN, 'merge', blobs], {}),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

async function run(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<GateRun> {
  const { exitCode, output } = await new Promise<{ exitCode: number; output: string }>((done) => {
    const child = execFile(
      process.execPath,
      [...args],
      { cwd: folder, env: environment(env) },
      (_error, stdout, stderr) => done({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
  return { exitCode, output, summary: await readSummary(folder) };
}

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(CI|GITHUB_.*|GATE_.*|VITEST.*|NODE_ENV|TEST)$/.test(name),
  );
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', ...more };
}

function watch(folder: string): WatchedRun {
  const child = spawn(process.execPath, [VITEST, '--watch'], { cwd: folder, env: environment({}) });
  let printed = '';
  let told = () => {};
  const hear = (chunk: Buffer) => {
    printed += chunk.toString();
    told();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return {
    says: (text) =>
      new Promise((done) => {
        told = () => {
          if (!printed.includes(text)) return;
          done(printed);
          printed = '';
          told = () => {};
        };
        told();
      }),
    end: () => void child.kill(),
  };
}

async function readSummary(folder: string): Promise<Summary | undefined> {
  try {
    return summarySchema.parse(JSON.parse(await readFile(join(folder, 'reports/summary.json'), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
