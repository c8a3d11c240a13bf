import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Replaces text, which must be there, in the files of a folder. */
export function editorOf(folder: string): (file: string, from: string, to: string) => Promise<void> {
  return async (file, from, to) => {
    const text = await readFile(join(folder, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not hold "${from}"`);
    await writeFile(join(folder, file), text.replace(from, to));
  };
}
