import { damaged } from './bounded-file.ts';

/** Types of whole numbers, as NumPy says them without the order of their bytes. */
const TYPES = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
} as const;
type Type = keyof typeof TYPES;

/** An array of whole numbers as NumPy keeps it. */
export interface NpyArray {
  readonly dims: readonly number[];
  /** "u1" is np.uint8. */
  readonly type: Type;
  /** Row by row: the last of `dims` runs fastest. */
  readonly values:
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | BigUint64Array
    | BigInt64Array;
}

const WHAT = 'a NumPy array (.npy)';
const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];
/** NumPy writes the keys in this order: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
const HEADER = /^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \} *\n$/;

/**
 * Reads an array of whole numbers of a .npy file. Its size must be that of the file, so that nothing is taken for what a header
 * claims. Throws GateError for bytes that are none, and for numbers of other types.
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const wrong = (expected: string, found: unknown, remedy = 'Save it anew with np.save.') =>
    damaged(file, WHAT, expected, found, remedy);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // The first version gives the header's length in two bytes, later ones in four.
  const version = bytes[6];
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw wrong('a file that begins with "\\x93NUMPY"', 'other bytes');
  }
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > bytes.length - start) throw wrong(`a header of ${length} bytes`, `${bytes.length - start}`);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const [, descr, fortran, shape] = HEADER.exec(header) ?? [];
  if (descr === undefined || shape === undefined) {
    throw wrong('a header with the type of its numbers, their order and a shape', header.trim().slice(0, 80));
  }
  const type = descr.slice(1);
  if (!/^[|<]$/.test(descr[0] ?? '') || !isType(type)) {
    throw wrong(
      'whole numbers, little-endian (uint8 for pixels)',
      descr,
      'Save pixels as they are, from 0 to 255, with astype(np.uint8); the normalization is said in the spec.',
    );
  }
  if (fortran === 'True') {
    throw wrong('the numbers row by row', 'column by column', 'Save np.ascontiguousarray(...) of it.');
  }
  const dims = shape
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const data = bytes.subarray(start + length);
  const size = dims.reduce((product, each) => product * each, TYPES[type].BYTES_PER_ELEMENT);
  if (size !== data.length) throw wrong(`${size} bytes of ${dims.join(' x ')} numbers`, data.length);
  return { dims, type, values: valuesOf(type, data) };
}

/** Bytes as they lie; what is wider is copied, as it need not lie at a multiple of its width. */
function valuesOf(type: Type, { buffer, byteOffset, length }: Uint8Array): NpyArray['values'] {
  if (type === 'u1') return new Uint8Array(buffer, byteOffset, length);
  return new TYPES[type](Uint8Array.from(new Uint8Array(buffer, byteOffset, length)).buffer);
}

function isType(type: string): type is Type {
  return Object.hasOwn(TYPES, type);
}
