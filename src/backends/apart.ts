import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendRow } from '../report/backends.ts';

const HERE = import.meta.url;
/** TypeScript in the sources, JavaScript in the package. */
const MEASURE = fileURLToPath(new URL(`./measure${extname(HERE)}`, HERE));

/** Measures a backend in a process of its own, which leaves its row in `folder`; one that breaks off has a row that says so. */
export async function measureApart(name: string, folder: string): Promise<BackendRow> {
  const child = fork(MEASURE, ['--backend', name, '--folder', folder], { silent: true });
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exitCode = await new Promise((done) => child.once('close', done));
  try {
    return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as BackendRow;
  } catch {
    const cause = errors.trim().split('\n').at(-1) ?? '';
    return { name, missing: `its process broke off (exit code ${exitCode}) ${cause}` };
  }
}
