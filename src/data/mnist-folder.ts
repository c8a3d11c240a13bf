import { access, readFile } from 'node:fs/promises';
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
