import { unzipSync } from 'fflate';
import { GateError, messageOf } from '../errors.ts';
import { damaged, tooLarge } from './bounded-file.ts';

const WHAT = 'a file of NumPy arrays (.npz)';
/** More than a data set has: a directory that claims millions would be walked for minutes. */
const MOST_ENTRIES = 100;

/**
 * Unpacks the arrays of these names of a .npz file; their bytes are those of .npy files. Others stay packed. Throws GateError
 * where one is missing, and where they would unpack to more than `mostBytes`: that is seen before one is unpacked.
 */
export function unpackNpz(
  bytes: Uint8Array,
  file: string,
  names: readonly string[],
  mostBytes: number,
): ReadonlyMap<string, Uint8Array> {
  const wrong = (expected: string, found: unknown) =>
    damaged(file, WHAT, expected, found, 'Save it anew with np.savez.');
  const wanted = new Map(names.map((name) => [`${name}.npy`, name]));
  const there: string[] = [];
  let size = 0;
  let unpacked: Readonly<Record<string, Uint8Array>>;
  try {
    unpacked = unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (there.push(name) > MOST_ENTRIES) throw wrong(`at most ${MOST_ENTRIES} arrays`, 'more');
        if (!wanted.has(name)) return false;
        size += originalSize;
        if (size > mostBytes) throw tooLarge(file, WHAT, mostBytes, size);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw wrong('a zip archive', messageOf(error));
  }
  return new Map(
    [...wanted].map(([entry, name]) => {
      const held = unpacked[entry];
      if (held === undefined) {
        const found = there.map((each) => each.replace(/\.npy$/, '')).join(', ');
        throw wrong(`an array "${name}"`, found || 'none');
      }
      return [name, held];
    }),
  );
}
