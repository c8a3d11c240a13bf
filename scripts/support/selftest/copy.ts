import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';
import type { RunRecord } from '../../../src/record.ts';
import { sealed } from '../../../src/training/store.ts';
import { commitAll, copySmallProject, makeSmallProject, removeSmallProject } from './small-project.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
/** What `npm run build:kernels` makes, which git does not know. */
const BUILT = ['build/kernels.wasm', 'src/engine/native/bindings.ts'];
/** What a developer's shell or a CI job has set must not decide what a mutant is caught by. */
const OWN_VARIABLES = /^(CI|GITHUB_.*|GATE_.*|MNIST_CACHE|VITEST.*|NODE_ENV|TEST|RETRAIN|npm_.*)$/i;

export interface Ended {
  readonly exitCode: number;
  /** Standard output and error, every run of white space as one space. */
  readonly output: string;
}

export type Variables = Readonly<Record<string, string>>;

/** A copy of the project as it lies in the working tree, to break. */
export interface Copy {
  readonly folder: string;
  readonly read: (file: string) => Promise<string>;
  readonly write: (file: string, content: string | Uint8Array) => Promise<void>;
  /** Replaces text that must be there. */
  readonly edit: (file: string, from: string | RegExp, to: string) => Promise<void>;
  readonly remove: (file: string) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Changes a record; `reseal`: and makes its seal fit again, as somebody would who reads the source. */
  readonly editRecord: (
    file: string,
    change: (record: RunRecord) => RunRecord,
    how?: 'reseal',
  ) => Promise<void>;
  /** `vitest run` with CI set; `where`: in a folder of the copy. */
  readonly vitest: (args: readonly string[], variables?: Variables, where?: string) => Promise<Ended>;
  /** A script of this project, by its file, with CI set. */
  readonly script: (file: string, args: readonly string[], variables?: Variables) => Promise<Ended>;
  /** A script of the check-out that is not broken, run in the copy's folder. */
  readonly trusted: (file: string, args: readonly string[]) => Promise<Ended>;
  readonly command: (name: string, ...args: readonly string[]) => Promise<Ended>;
  /** Commits the copy as it is; the first time it becomes a repository of its own. */
  readonly commit: () => Promise<void>;
  /** Hash of the last commit. */
  readonly head: () => Promise<string>;
}

/** Hands a fresh copy of this project to `use` and deletes it afterwards. */
export async function withCopy<T>(use: (copy: Copy) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'codecodecode-selftest-'));
  try {
    await copyInto(folder);
    return await use(copyAt(folder));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

let template: Promise<string> | undefined;

/** Hands a fresh copy of the small project to `use`, trained and committed, and deletes it afterwards. */
export async function withSmallCopy<T>(use: (copy: Copy) => Promise<T>): Promise<T> {
  template ??= makeSmallProject();
  const folder = await copySmallProject(await template);
  try {
    return await use(copyAt(folder));
  } finally {
    await removeSmallProject(folder);
  }
}

/** Deletes what the copies were made of. */
export async function removeTemplate(): Promise<void> {
  if (template) await removeSmallProject(await template);
}

async function copyInto(folder: string): Promise<void> {
  const { stdout } = await $({ cwd: ROOT, quiet: true })`git ls-files -coz --exclude-standard`;
  for (const file of new Set(stdout.split('\0').filter((name) => name !== ''))) {
    // A file that is deleted in the working tree is still listed.
    await cp(join(ROOT, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  for (const built of BUILT) await cp(join(ROOT, built), join(folder, built));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

function copyAt(folder: string): Copy {
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const write = async (file: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  };
  const node = (args: readonly string[], variables: Variables = {}, where = '.') =>
    run(join(folder, where), process.execPath, args, { CI: '1', ...variables });
  const own = (file: string) => join(ROOT, file);
  return {
    folder,
    read,
    write,
    edit: async (file, from, to) => {
      const before = await read(file);
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} does not hold ${String(from)}`);
      await write(file, after);
    },
    remove: (file) => rm(join(folder, file)),
    rename: (from, to) => rename(join(folder, from), join(folder, to)),
    editRecord: async (file, change, how) => {
      const changed = change(JSON.parse(await read(file)) as RunRecord);
      const { seal, ...rest } = changed;
      await write(file, JSON.stringify(how === 'reseal' ? sealed(rest) : { ...rest, seal }, null, 1));
    },
    vitest: (args, variables, where) =>
      node([own('node_modules/vitest/vitest.mjs'), 'run', ...args], variables, where),
    script: (file, args, variables) => node(['--import', 'tsx', file, ...args], variables),
    trusted: (file, args) => node(['--import', 'tsx', own(file), ...args]),
    command: (name, ...args) => run(folder, name, args, {}),
    commit: () => commitAll(folder),
    head: async () => (await $({ cwd: folder, quiet: true })`git rev-parse HEAD`).stdout.trim(),
  };
}

async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  variables: Variables,
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  const env = { ...Object.fromEntries(inherited), MNIST_DIR: mnistFolder(), NO_COLOR: '1', ...variables };
  const { exitCode, stdout, stderr } = await $({ cwd, env, nothrow: true, quiet: true })`${command} ${args}`;
  return { exitCode: exitCode ?? -1, output: `${stdout}\n${stderr}`.replace(/\s+/g, ' ') };
}

/** Where this project finds MNIST; absolute, as the copies lie elsewhere. */
export function mnistFolder(): string {
  return resolve(ROOT, process.env['MNIST_DIR'] || process.env['MNIST_CACHE'] || '.cache/mnist');
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
