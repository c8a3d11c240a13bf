import { z } from 'zod';
import { GateError } from '../errors.ts';
import { damaged, MEBIBYTE } from './bounded-file.ts';

/** Numbers with their sizes, row by row. */
export interface FloatTensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export const SAFETENSORS_MOST_BYTES = 64 * MEBIBYTE;
const WHAT = 'a safetensors file';
/** Of the header: a name and two numbers a tensor. */
const MOST_HEADER_BYTES = MEBIBYTE;
const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()).max(8),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/**
 * The 32-bit floats of a safetensors file (https://github.com/huggingface/safetensors), by name; counters of whole numbers, which
 * PyTorch keeps beside a batch norm, are left out. Throws GateError for bytes that are none, and for floats of other widths.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): ReadonlyMap<string, FloatTensor> {
  const wrong = (expected: string, found: unknown) => damaged(file, WHAT, expected, found, 'Save it anew.');
  if (bytes.length > SAFETENSORS_MOST_BYTES) throw wrong('at most 64 MiB', `${bytes.length} bytes`);
  if (bytes.length < LENGTH_BYTES) throw wrong('the length of a header', `${bytes.length} bytes in all`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const room = Math.min(MOST_HEADER_BYTES, bytes.length - LENGTH_BYTES);
  if (length > BigInt(room)) throw wrong(`a header of at most ${room} bytes`, `one of ${length}`);
  const start = LENGTH_BYTES + Number(length);
  const data = bytes.subarray(start);
  const tensors = new Map<string, FloatTensor>();
  for (const [name, entry] of Object.entries(headerOf(bytes.subarray(LENGTH_BYTES, start), wrong))) {
    if (name === '__metadata__') continue;
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success) throw wrong(`dtype, shape and data_offsets of "${name}"`, JSON.stringify(entry));
    const { dtype, shape, data_offsets: offsets } = parsed.data;
    if (/^[IU]\d+$|^BOOL$/.test(dtype)) continue;
    if (dtype !== 'F32') {
      throw new GateError(
        `${file}: "${name}" is of type ${dtype}: expected F32. Save the network in 32-bit floats (net.float()).`,
      );
    }
    const [from, to] = offsets;
    const count = shape.reduce((product, size) => product * size, 1);
    if (to > data.length || to - from !== count * FLOAT_BYTES) {
      throw wrong(`${count * FLOAT_BYTES} bytes of "${name}" within ${data.length}`, `${from} to ${to}`);
    }
    // A copy: they need not lie at a multiple of four.
    tensors.set(name, {
      dims: shape,
      values: new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer),
    });
  }
  return tensors;
}

function headerOf(bytes: Uint8Array, wrong: (expected: string, found: unknown) => Error): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw wrong('a header in JSON', 'other bytes');
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw wrong('a header that lists tensors', JSON.stringify(json).slice(0, 40));
}

/** The inverse of `parseSafetensors`. */
export function safetensorsOf(tensors: ReadonlyMap<string, FloatTensor>): Uint8Array {
  let at = 0;
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  for (const [name, { dims, values }] of tensors) {
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [at, (at += values.byteLength)] };
  }
  const json = JSON.stringify(header);
  // Blanks, so that the numbers begin at a multiple of eight.
  const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  const parts = [...tensors.values()].map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  return Buffer.concat([length, text, ...parts]);
}
