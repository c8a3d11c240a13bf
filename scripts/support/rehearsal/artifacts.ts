import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GateError } from '../../../src/errors.ts';

/** What actions/upload-artifact and actions/download-artifact do, with a folder in the place of GitHub's store. */

type Inputs = Readonly<Record<string, string>>;

/** Copies a file, a folder's content, or the files that "folder/start.*" names, to the artifact `name`. */
export async function upload(store: string, root: string, inputs: Inputs): Promise<void> {
  const { name = 'artifact', path = '' } = inputs;
  const target = join(store, name);
  const sources = await sourcesOf(join(path.startsWith('/') ? '' : root, path));
  if (sources.length === 0) {
    if (inputs['if-no-files-found'] !== 'error') return;
    throw new GateError(`No files at ${path} for the artifact "${name}".`);
  }
  await mkdir(target, { recursive: true });
  for (const source of sources) await cp(source, join(target, basename(source)), { recursive: true });
}

/** Copies one artifact (name) or all that fit a pattern such as "blob-*", each in a folder or all in one. */
export async function download(store: string, root: string, inputs: Inputs): Promise<void> {
  const { name, pattern = '*', path = '.' } = inputs;
  const target = join(path.startsWith('/') ? '' : root, path);
  const there = await entriesOf(store);
  if (name !== undefined) {
    if (!there.includes(name)) throw new GateError(`There is no artifact "${name}".`);
    return cp(join(store, name), target, { recursive: true });
  }
  for (const artifact of there.filter((candidate) => matches(candidate, pattern))) {
    const folder = inputs['merge-multiple'] === 'true' ? target : join(target, artifact);
    await cp(join(store, artifact), folder, { recursive: true });
  }
}

async function sourcesOf(path: string): Promise<string[]> {
  if (path.includes('*')) {
    const folder = dirname(path);
    const names = await entriesOf(folder);
    return names.filter((name) => matches(name, basename(path))).map((name) => join(folder, name));
  }
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found ? [path] : [];
  return (await entriesOf(path)).map((name) => join(path, name));
}

async function entriesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function matches(name: string, pattern: string): boolean {
  const [start = '', end = ''] = pattern.split('*');
  if (!pattern.includes('*')) return name === pattern;
  return name.startsWith(start) && name.endsWith(end) && name.length >= start.length + end.length;
}
