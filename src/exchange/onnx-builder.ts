import { AttributeType, DataType } from '../onnx/schema.ts';

export type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** Operators and constants of a graph of ONNX, as they come. */
export interface OnnxBuilder {
  /** Adds an operator; the name of its output. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    output?: string,
  ): string;
  /** Adds constants; their name. Several of one name are one. */
  floats(name: string, dims: readonly number[], values: Float32Array): string;
  ints(name: string, values: readonly number[]): string;
  /** As `defineMessages` encodes them. */
  readonly node: readonly object[];
  readonly initializer: readonly object[];
}

export function onnxBuilder(): OnnxBuilder {
  const node: object[] = [];
  const tensors = new Map<string, object>();
  const hold = (name: string, dims: readonly number[], dataType: number, values: ArrayBufferView) => {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    tensors.set(name, { name, dims: dims.map(BigInt), dataType, rawData });
    return name;
  };
  return {
    node,
    get initializer() {
      return [...tensors.values()];
    },
    add(operator, inputs, attributes = {}, output = `value${node.length + 1}`) {
      const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
      node.push({ opType: operator, name: output, input: [...inputs], output: [output], attribute });
      return output;
    },
    floats: (name, dims, values) => hold(name, dims, DataType.float, values),
    ints: (name, values) =>
      hold(name, [values.length], DataType.int64, BigInt64Array.from(values.map(BigInt))),
  };
}

function attributeOf(name: string, value: AttributeValue): object {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: BigInt(value) };
  if (typeof value === 'string')
    return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  return { name, type: AttributeType.ints, ints: value.map(BigInt) };
}
