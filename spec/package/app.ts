import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Summary, summarySchema } from '../../src/report/summary.ts';

/**
 * What somebody has who installs the package: `npm pack`, `npm install` of the tarball in an empty folder, an example
 * copied into it. Nothing of this repository is within its reach.
 */
export interface App {
  readonly folder: string;
  /** The folder that it lies in, beside the tarball. */
  readonly around: string;
  /** Name of the file. */
  readonly tarball: string;
  /** Paths in the tarball. */
  readonly packed: readonly string[];
  /** Runs the gate and reads its summary. */
  gate(): Promise<Ended & { readonly summary: Summary }>;
  /** Replaces `from`, which must be there, in a file. */
  edit(file: string, from: string, to: string): Promise<void>;
  npm(...args: readonly string[]): Promise<Ended>;
  run(command: string, args: readonly string[]): Promise<Ended>;
  /** Puts the files of the example back as they were. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Packs, installs and copies `examples/EXAMPLE`; npm fetches what is not in its cache. */
export async function installExample(example: string): Promise<App> {
  const folder = await mkdtemp(join(tmpdir(), 'codecodecode-'));
  const app = join(folder, 'app');
  const { output } = await run(ROOT, 'npm', ['pack', '--json', '--pack-destination', folder]);
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'))!;
  await cp(join(ROOT, 'examples', example), app, { recursive: true });
  await npm(app, 'pkg', 'set', `devDependencies.codecodecode=file:../${tarball}`);
  const { exitCode, output: log } = await npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund');
  expect(exitCode, log).toBe(0);
  expect(log, 'a warning of ours').not.toMatch(/^npm warn .*codecodecode/m);
  const unbroken = join(folder, 'unbroken');
  await cp(app, unbroken, { recursive: true, filter: (from) => !from.includes('node_modules') });
  return {
    folder: app,
    around: folder,
    tarball,
    packed: filesOf(output),
    npm: (...args) => npm(app, ...args),
    run: (command, args) => run(app, command, args),
    async gate() {
      await rm(join(app, 'reports'), { recursive: true, force: true });
      const ended = await npm(app, 'test', '--silent');
      const file = join(app, 'reports/summary.json');
      return { ...ended, summary: summarySchema.parse(JSON.parse(await readFile(file, 'utf8'))) };
    },
    async edit(file, from, to) {
      const text = await readFile(join(app, file), 'utf8');
      expect(text).toContain(from);
      await writeFile(join(app, file), text.replace(from, to));
    },
    restore: () => cp(unbroken, app, { recursive: true }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function filesOf(packOutput: string): string[] {
  const json = packOutput.slice(packOutput.indexOf('[\n'));
  const [tarball] = JSON.parse(json) as { files: { path: string }[] }[];
  return tarball!.files.map(({ path }) => path);
}

export function npm(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return run(cwd, 'npm', args);
}

/** As if typed in CI: what this test run itself was started with is left out. */
function run(cwd: string, command: string, args: readonly string[]): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_.*|GITHUB_.*|GATE_.*|VITEST.*|NODE_ENV|TEST)$/i.test(name),
  );
  // Absolute, as the app lies elsewhere.
  const mnist = resolve(ROOT, process.env['MNIST_DIR'] || process.env['MNIST_CACHE'] || '.cache/mnist');
  const env = { ...Object.fromEntries(inherited), MNIST_DIR: mnist, CI: '1', NO_COLOR: '1' };
  return new Promise((done) => {
    const child = execFile(command, [...args], { cwd, env }, (_error, stdout, stderr) =>
      done({
        exitCode: child.exitCode ?? -1,
        output: stdout + (command === 'npm' && args[0] === 'pack' ? '' : stderr),
      }),
    );
  });
}

/** The terminal breaks long lines at its width. */
export function unwrapped(output: string): string {
  return output.replaceAll(/\s+/g, ' ');
}
