import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, inject } from 'vitest';
import { type Summary, summarySchema } from '../../src/report/summary.ts';
import { type Ended, npm, ROOT, run } from './programs.ts';

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

/** Installs what was packed and copies `examples/EXAMPLE`; npm fetches what is not in its cache. */
export async function installExample(example: string): Promise<App> {
  const folder = await mkdtemp(join(tmpdir(), 'codecodecode-'));
  const app = join(folder, 'app');
  const { tarball: at, files } = inject('packed');
  const tarball = basename(at);
  await cp(at, join(folder, tarball));
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
    packed: files,
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

/** The terminal breaks long lines at its width. */
export function unwrapped(output: string): string {
  return output.replaceAll(/\s+/g, ' ');
}
