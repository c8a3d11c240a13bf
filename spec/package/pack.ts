import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { npm, ROOT } from './programs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What `npm pack` made of this repository: where it lies, and what is in it. */
    packed: { readonly tarball: string; readonly files: readonly string[] };
  }
}

let folder: string;

/** Packs once for all specs: two at a time would build over each other. */
export async function setup(project: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'codecodecode-packed-'));
  const { output } = await npm(ROOT, 'pack', '--json', '--pack-destination', folder);
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack made no package:\n${output}`);
  project.provide('packed', { tarball: join(folder, name), files: filesOf(output) });
}

export async function teardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function filesOf(packOutput: string): string[] {
  const json = packOutput.slice(packOutput.indexOf('[\n'));
  const [tarball] = JSON.parse(json) as { files: { path: string }[] }[];
  return tarball!.files.map(({ path }) => path);
}
