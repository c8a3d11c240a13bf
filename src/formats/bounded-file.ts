import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { GateError, messageOf } from '../errors.ts';

/** What a file is, and how large it may be: both go into the message. */
export interface Bound {
  /** "an ONNX file" */
  readonly what: string;
  readonly mostBytes: number;
}

export const MEBIBYTE = 2 ** 20;

/** The bytes of a file. Throws GateError where it cannot be read, or is larger than it may be: that is seen before it is read. */
export function readBounded(file: string, { what, mostBytes }: Bound): Uint8Array {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    if (size > mostBytes) throw tooLarge(file, what, mostBytes, size);
    return readFileSync(handle);
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw new GateError(
      `${file} cannot be read: expected ${what}, found ${messageOf(error)}. Check the path and its permissions.`,
    );
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The message for what is, or would unpack to, more than `mostBytes`. */
export function tooLarge(file: string, what: string, mostBytes: number, found: number): GateError {
  return new GateError(
    `${file} is too large: expected ${what} of at most ${Math.round(mostBytes / MEBIBYTE)} MiB, found ${(found / MEBIBYTE).toFixed(1)} MiB. The gate is for small networks: nothing of it was read.`,
  );
}

/** "FILE is not WHAT: expected E, found F. REMEDY" */
export function damaged(
  file: string,
  what: string,
  expected: string,
  found: unknown,
  remedy = 'Write it anew.',
): GateError {
  return new GateError(
    `${file} is not ${what} that can be used: expected ${expected}, found ${String(found)}. ${remedy}`,
  );
}
