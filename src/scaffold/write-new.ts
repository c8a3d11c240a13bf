import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GateError } from '../errors.ts';

/** Writes files that must not be there yet, by path from `root`: all of them or, where one cannot be, none. */
export async function writeNew(root: string, files: ReadonlyMap<string, string>): Promise<void> {
  const there = [...files.keys()].filter((file) => existsSync(join(root, file)));
  if (there.length > 0) {
    throw new GateError(
      `${there.join(', ')}: already there, and never written over. Move it away, or use another name.`,
    );
  }
  const written: string[] = [];
  try {
    for (const [file, text] of files) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text, { flag: 'wx' });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) await rm(join(root, file), { force: true });
    throw error;
  }
}
