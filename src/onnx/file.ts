import path from 'node:path';
import { GateError, messageOf } from '../errors.ts';
import { damaged, MEBIBYTE, readBounded } from '../formats/bounded-file.ts';
import { AttributeType, type ModelProto, type NodeProto, onnx, type ValueInfoProto } from './schema.ts';
import { type External, type OnnxTensor, tensorOf } from './tensor.ts';

/** A network as an ONNX file holds it: names, numbers and weights, nothing of it interpreted. */
export interface OnnxFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** "pytorch 2.15.0" */
  readonly producer: string;
  /** Of the operators of ONNX itself. */
  readonly opset: number;
  /** Those that are no weights. */
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
  /** In the order of the file, which is one of computation. */
  readonly nodes: readonly OnnxNode[];
  /** Weights and constants of the file, by name. */
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
  /** Sizes that the exporter noted of values between, by name; null: a free size. */
  readonly sizes: ReadonlyMap<string, readonly (number | null)[]>;
  /** Files beside it that hold weights. */
  readonly external: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

export interface Named {
  readonly name: string;
  /** null: a free size. Absent: none is given. */
  readonly sizes?: readonly (number | null)[];
}

export interface OnnxNode {
  /** What the exporter calls it, or its operator and number: for messages. */
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export type Attribute = number | string | readonly number[] | OnnxTensor;

/** Of the file, and of all weights beside it: sixteen million floats, far more than a small network has. */
const MOST_BYTES = 64 * MEBIBYTE;
const WHAT = 'an ONNX file';

/**
 * Reads an ONNX file, and the files of weights beside it. Throws GateError where it is none, is damaged, is larger than 64 MiB,
 * or names weights outside of its folder.
 */
export function readOnnxFile(file: string): OnnxFile {
  const bytes = readBounded(file, { what: WHAT, mostBytes: MOST_BYTES });
  return parseOnnx(bytes, file, externalOf(file));
}

/** As `readOnnxFile`, of bytes; `external` gives the bytes of a file of weights beside it. */
export function parseOnnx(bytes: Uint8Array, file: string, external?: External): OnnxFile {
  const model = decoded(bytes, file);
  const graph = model.graph;
  if (graph === undefined || graph.node.length === 0 || graph.output.length === 0) {
    throw damaged(
      file,
      WHAT,
      'a graph with operators and an output',
      graph === undefined ? 'no graph' : 'an empty one',
      'Export the network anew.',
    );
  }
  const beside = new Map<string, Uint8Array>();
  const load: External = (location) => {
    const held = beside.get(location) ?? (external ?? refuse(file))(location);
    beside.set(location, held);
    return held;
  };
  const tensors = new Map(
    graph.initializer.map((each) => [each.name, tensorOf(each, each.name, file, load)]),
  );
  const opset = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return {
    file,
    bytes,
    producer: `${model.producerName || 'an unnamed exporter'} ${model.producerVersion}`.trim(),
    opset: Number(opset?.version ?? 0),
    inputs: graph.input.filter(({ name }) => !tensors.has(name)).map(namedOf),
    outputs: graph.output.map(namedOf),
    nodes: graph.node.map((node, i) => nodeOf(node, i, file, load)),
    tensors,
    sizes: new Map(graph.valueInfo.flatMap((each) => (sizesOf(each) ? [[each.name, sizesOf(each)!]] : []))),
    external: [...beside].map(([location, held]) => ({ path: location, bytes: held })),
  };
}

function decoded(bytes: Uint8Array, file: string): ModelProto {
  if (bytes.length > MOST_BYTES) throw damaged(file, WHAT, 'at most 64 MiB', `${bytes.length} bytes`);
  try {
    return onnx.decode('ModelProto', bytes) as ModelProto;
  } catch (error) {
    throw damaged(
      file,
      WHAT,
      'a protobuf message of type ModelProto',
      `bytes that are none (${messageOf(error)})`,
      'Export the network anew; a file of Git LFS has to be fetched first.',
    );
  }
}

/** Weights of a file beside the ONNX file: a path that leads out of the folder is refused. */
function externalOf(file: string): External {
  const folder = path.dirname(file);
  return (location) => {
    if (location !== path.basename(location) || location === '..') {
      throw new GateError(
        `${file} keeps weights in "${location}": expected a file beside it. Export with external_data=False.`,
      );
    }
    return readBounded(path.join(folder, location), {
      what: `the weights of ${path.basename(file)}`,
      mostBytes: MOST_BYTES,
    });
  };
}

function refuse(file: string): External {
  return (location) => {
    throw new GateError(
      `${file} keeps weights in "${location}", which is not at hand. Export with external_data=False.`,
    );
  };
}

function namedOf(info: ValueInfoProto): Named {
  const sizes = sizesOf(info);
  return { name: info.name, ...(sizes && { sizes }) };
}

function sizesOf({ type }: ValueInfoProto): readonly (number | null)[] | undefined {
  return type?.tensorType?.shape?.dim.map(({ dimValue, dimParam }) =>
    dimParam !== '' || dimValue <= 0n ? null : Number(dimValue),
  );
}

function nodeOf(node: NodeProto, index: number, file: string, load: External): OnnxNode {
  const name = node.name || `${node.opType || 'operator'} ${index + 1}`;
  const attributes = new Map<string, Attribute>();
  for (const each of node.attribute) {
    const value = attributeOf(each, `${name}.${each.name}`, file, load);
    if (value !== undefined) attributes.set(each.name, value);
  }
  const isStock = node.domain === '' || node.domain === 'ai.onnx';
  return {
    name,
    operator: isStock ? node.opType : `${node.domain}.${node.opType}`,
    inputs: node.input,
    outputs: node.output,
    attributes,
  };
}

function attributeOf(
  attribute: NodeProto['attribute'][number],
  name: string,
  file: string,
  load: External,
): Attribute | undefined {
  switch (attribute.type) {
    case AttributeType.float:
      return attribute.f;
    case AttributeType.int:
      return Number(attribute.i);
    case AttributeType.string:
      return new TextDecoder().decode(attribute.s);
    case AttributeType.tensor:
      return attribute.t && tensorOf(attribute.t, name, file, load);
    case AttributeType.floats:
      return attribute.floats;
    case AttributeType.ints:
      return attribute.ints.map(Number);
    default:
      return undefined;
  }
}
