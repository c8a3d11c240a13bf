import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GateError, messageOf } from '../errors.ts';
import { verifyMnistFile } from './mnist-verify.ts';
import type { VerifiedFile } from './mnist-verify.ts';
import type { MnistFile } from './mnist-files.ts';

/** The path of `file` in `folder`, plain or gzipped, or undefined if it holds neither. */
export async function locate(folder: string, file: MnistFile): Promise<string | undefined> {
  for (const name of [file.name, `${file.name}.gz`]) {
    const path = join(folder, name);
    if (await exists(path)) return path;
  }
  return undefined;
}

/** Reads and verifies one file at `path`; `remedy` ends every error message. */
export async function readMnistFile(path: string, file: MnistFile, remedy: string): Promise<VerifiedFile> {
  let stored: Uint8Array;
  try {
    stored = await readFile(path);
  } catch (error) {
    throw new GateError(
      `${path} cannot be read: expected a readable file, found ${messageOf(error)}. ${remedy}`,
    );
  }
  return verifyMnistFile(stored, file, { file: path, remedy });
}

/** Writes under a name of its own and renames, so that no reader and no interruption ever meets half a file. */
export async function writeAtomically(path: string, folder: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new GateError(
      `${path} cannot be written: expected a writable cache folder, found ${messageOf(error)}. ` +
        'Free some space or set MNIST_CACHE to a folder that you can write to.',
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
