import { damaged } from '../formats/bounded-file.ts';
import { DataType, type TensorProto } from './schema.ts';

/** Numbers of an ONNX file with their sizes, in the file's layout. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** Absent: of a type that is neither float, double, int32 nor int64. */
  readonly values?: Float32Array | readonly number[];
  readonly isFloat: boolean;
  /** Made by operators of the file out of other constants: no weight. */
  readonly isComputed?: true;
}

/** The bytes of a file of weights beside the ONNX file. */
export type External = (location: string) => Uint8Array;

const BYTES: Readonly<Record<number, number>> = {
  [DataType.float]: 4,
  [DataType.int32]: 4,
  [DataType.int64]: 8,
  [DataType.double]: 8,
};

/** Throws GateError where there are not as many numbers as the sizes say. */
export function tensorOf(proto: TensorProto, name: string, file: string, external: External): OnnxTensor {
  const dims = proto.dims.map(Number);
  const count = dims.reduce((product, size) => product * size, 1);
  const wrong = (expected: string, found: unknown) =>
    damaged(file, 'an ONNX file', `${expected} of "${name}"`, found, 'Export the network anew.');
  if (dims.some((size) => !Number.isSafeInteger(size) || size < 0) || !Number.isSafeInteger(count)) {
    throw wrong('sizes', dims.join(' x '));
  }
  const isFloat = proto.dataType === DataType.float;
  const width = BYTES[proto.dataType];
  if (width === undefined) return { name, dims, isFloat };
  const raw = proto.dataLocation === 1 ? externalBytes(proto, external, wrong) : proto.rawData;
  const listed = [proto.floatData, proto.int32Data, proto.int64Data, proto.doubleData].find(
    ({ length }) => length > 0,
  );
  if (raw.length === 0 && listed !== undefined) {
    if (listed.length !== count) throw wrong(`${count} values`, listed.length);
    return {
      name,
      dims,
      isFloat,
      values: isFloat ? Float32Array.from(listed as number[]) : Array.from(listed, Number),
    };
  }
  if (raw.length !== count * width) throw wrong(`${count * width} bytes`, raw.length);
  return { name, dims, isFloat, values: numbersOf(raw, proto.dataType) };
}

function numbersOf(raw: Uint8Array, type: number): Float32Array | readonly number[] {
  // A copy: the bytes need not lie at a multiple of their width.
  const bytes = Uint8Array.from(raw);
  if (type === DataType.float) return new Float32Array(bytes.buffer);
  if (type === DataType.int32) return [...new Int32Array(bytes.buffer)];
  if (type === DataType.double) return [...new Float64Array(bytes.buffer)];
  return Array.from(new BigInt64Array(bytes.buffer), Number);
}

function externalBytes(
  { externalData }: TensorProto,
  external: External,
  wrong: (expected: string, found: unknown) => Error,
): Uint8Array {
  const entry = (key: string) => externalData.find((each) => each.key === key)?.value;
  const bytes = external(entry('location') ?? '');
  const offset = Number(entry('offset') ?? 0);
  const length = Number(entry('length') ?? bytes.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    throw wrong(`bytes within the ${bytes.length}`, `${length} at ${offset}`);
  }
  return bytes.subarray(offset, offset + length);
}
