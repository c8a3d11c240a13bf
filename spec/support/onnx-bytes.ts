import { AttributeType, DataType, onnx } from '../../src/onnx/schema.ts';

/** An ONNX file out of a few operators, for what no exporter of the fixtures writes. */
export interface Written {
  readonly nodes: readonly WrittenNode[];
  readonly weights?: Readonly<Record<string, readonly [dims: readonly number[], values?: readonly number[]]>>;
  /** Absent: [free, 1, 8, 8]. */
  readonly input?: readonly (number | null)[];
}
export interface WrittenNode {
  readonly op: string;
  readonly in: readonly string[];
  readonly out: string;
  readonly ints?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly texts?: Readonly<Record<string, string>>;
}

/** The bytes; weights without values are drawn without a seed that matters. The input is "x", the output that of the last node. */
export function onnxBytes({ nodes, weights = {}, input = [null, 1, 8, 8] }: Written): Uint8Array {
  return onnx.encode('ModelProto', {
    irVersion: 8n,
    producerName: 'a spec',
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'graph',
      node: nodes.map((node) => ({
        opType: node.op,
        input: [...node.in],
        output: [node.out],
        attribute: attributesOf(node),
      })),
      input: [valueOf('x', input)],
      output: [valueOf(nodes.at(-1)!.out, [null, null])],
      initializer: Object.entries(weights).map(([name, [dims, values]]) => ({
        name,
        dims: dims.map(BigInt),
        dataType: DataType.float,
        floatData: values ?? drawn(dims.reduce((product, size) => product * size, 1)),
      })),
    },
  });
}

function drawn(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin(7 * i + 1));
}

function valueOf(name: string, sizes: readonly (number | null)[]) {
  const dim = sizes.map((size) => (size === null ? { dimParam: 'any' } : { dimValue: BigInt(size) }));
  return { name, type: { tensorType: { elemType: DataType.float, shape: { dim } } } };
}

function attributesOf({ ints = {}, floats = {}, texts = {} }: WrittenNode): object[] {
  return [
    ...Object.entries(ints).map(([name, value]) =>
      typeof value === 'number'
        ? { name, type: AttributeType.int, i: BigInt(value) }
        : { name, type: AttributeType.ints, ints: value.map(BigInt) },
    ),
    ...Object.entries(floats).map(([name, f]) => ({ name, type: AttributeType.float, f })),
    ...Object.entries(texts).map(([name, text]) => ({
      name,
      type: AttributeType.string,
      s: new TextEncoder().encode(text),
    })),
  ];
}
