import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { GateError, messageOf } from '../errors.ts';
import { isAlive, MACHINE } from './process.ts';

/** [path, content]. */
export type WholeFile = readonly [file: string, content: string | Uint8Array];

const REMEDY = "Check the folder's permissions and space.";
const UNFINISHED = /\.(\d+)-([0-9a-f]{8})-[0-9a-f]{8}\.unfinished$/;

/**
 * Writes a file so that it is, after a kill, a power loss or a full disk at any moment, either as it was before or whole: the bytes
 * go to a file beside it, are forced to the disk and then get the name. Makes the folder; takes away what killed processes left
 * unfinished in it. Throws GateError, the old file untouched, where it cannot; `remedy` ends the message.
 */
export function writeWhole(file: string, content: string | Uint8Array, remedy = REMEDY): void {
  writeTogether([[file, content]], remedy);
}

/** As `writeWhole` for files that belong together: none gets its name before all of them lie on the disk. */
export function writeTogether(files: readonly WholeFile[], remedy = REMEDY): void {
  const folders = new Set(files.map(([file]) => path.dirname(file)));
  const staged: { readonly file: string; readonly unfinished: string }[] = [];
  let at = '';
  try {
    for (const folder of folders) {
      at = folder;
      mkdirSync(folder, { recursive: true });
      removeUnfinished(folder);
    }
    for (const [file, content] of files) {
      at = file;
      const unfinished = unfinishedName(file);
      staged.push({ file, unfinished });
      writeForced(unfinished, content);
    }
    for (const { file, unfinished } of staged) {
      at = file;
      renameSync(unfinished, file);
    }
    for (const folder of folders) forceFolder(folder);
  } catch (error) {
    for (const { unfinished } of staged) rmSync(unfinished, { force: true });
    throw new GateError(`${at}: cannot be written (${messageOf(error)}). ${remedy}`);
  }
}

/** A name beside `file` that tells whose it is: should this process be killed, the next one that writes there takes it away. */
export function unfinishedName(file: string): string {
  return `${file}.${process.pid}-${MACHINE}-${randomBytes(4).toString('hex')}.unfinished`;
}

/** Deletes what processes of this machine that are gone left unfinished in `folder`. */
export function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid, machine] = UNFINISHED.exec(name) ?? [];
    if (pid === undefined || machine !== MACHINE || isAlive(Number(pid))) continue;
    rmSync(path.join(folder, name), { force: true });
  }
}

function writeForced(file: string, content: string | Uint8Array): void {
  const descriptor = openSync(file, 'wx');
  try {
    // Not one `write`: on a disk that fills up that takes a part, and says so by a number only.
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** So that the new name outlives a power loss; not every system can do it to a folder. */
function forceFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The file is whole in any case: what may be lost with the power is that it is the new one.
  }
}
