import { GateError } from '../errors.ts';
import { IMAGE } from '../model/graph.ts';
import { opOf } from '../ops/index.ts';
import type { Shape } from '../ops/op.ts';
import type { OnnxFile, OnnxNode } from './file.ts';
import { type ImageSize, inputOf } from './input.ts';
import { MERGES, OPERATORS, POINTWISE } from './operators/index.ts';
import type { Data, Draft, Emission, Foreign, Layout, Use, Value } from './value.ts';
import { heldOf } from './value.ts';

/** What an ONNX file's operators are, in the order of computation: layers of this project, or operators that are none. */
export interface ReadOnnx {
  /** Of the image, channels last. */
  readonly input: ImageSize;
  /** Where the file wants the channels of its images. */
  readonly layout: Layout;
  /** Everything that the output depends on; the last one is the output. */
  readonly drafts: readonly Draft[];
}

/**
 * Reads the operators of an ONNX file from one image to one value a class. Throws GateError where it has several inputs or
 * outputs, or where its input is no image of known size.
 */
export function readOnnx(file: OnnxFile, images?: ImageSize): ReadOnnx {
  const { input, layout, name } = inputOf(file, images);
  const reading: Reading = {
    file,
    drafts: [],
    values: new Map<string, Value>([[name, { kind: 'data', place: IMAGE, shape: input, layout }]]),
    absorbed: new Map(),
  };
  for (const [tensorName, tensor] of file.tensors) reading.values.set(tensorName, { kind: 'tensor', tensor });
  const wanted = neededNodes(file);
  for (const node of file.nodes) if (wanted.has(node)) readNode(reading, node);
  if (file.outputs.length !== 1) {
    throw new GateError(
      `${file.file} has ${file.outputs.length} outputs: expected one, [batch, classes]. Export the network without the others.`,
    );
  }
  const output = reading.values.get(file.outputs[0]!.name);
  if (output?.kind !== 'data' || output.place === IMAGE) {
    throw new GateError(
      `${file.file}: its output "${file.outputs[0]!.name}" does not depend on its input. Export the network anew.`,
    );
  }
  return { input, layout, drafts: finished(reading, output) };
}

interface Reading {
  readonly file: OnnxFile;
  readonly drafts: Draft[];
  readonly values: Map<string, Value>;
  /** Operators that an earlier one has done, and which. */
  readonly absorbed: Map<OnnxNode, OnnxNode>;
}

/** Operators that the output depends on. */
function neededNodes({ nodes, outputs }: OnnxFile): ReadonlySet<OnnxNode> {
  const wanted = new Set(outputs.map(({ name }) => name));
  const needed = new Set<OnnxNode>();
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    needed.add(node);
    for (const input of node.inputs) wanted.add(input);
  }
  return needed;
}

function readNode(reading: Reading, node: OnnxNode): void {
  const { values, absorbed, drafts } = reading;
  const done = absorbed.get(node);
  const output = node.outputs[0] ?? '';
  if (done !== undefined) {
    const value = values.get(done.outputs[0]!)!;
    values.set(output, value);
    if (value.kind === 'data') drafts[value.place] = { ...drafts[value.place]!, output };
    return;
  }
  const before = drafts.length;
  const operator = OPERATORS[node.operator];
  const found = operator === undefined ? 'is not known' : operator(useOf(reading, node));
  if (typeof found !== 'string') {
    values.set(output, found);
    return;
  }
  drafts.length = before;
  for (const [later, by] of absorbed) if (by === node) absorbed.delete(later);
  for (const [i, name] of node.outputs.entries()) {
    const value = foreignOf(reading, node, found, i);
    if (value !== undefined && name !== '') values.set(name, value);
  }
}

/** An operator that is none of this project's layers; undefined where it does not depend on the image. */
function foreignOf(reading: Reading, node: OnnxNode, reason: string, output: number): Data | undefined {
  const { file, values, drafts } = reading;
  const inputs = node.inputs.map((name) => values.get(name));
  const data = inputs.filter((value) => value?.kind === 'data');
  const [first] = data;
  if (first === undefined) return undefined;
  const shape = data.length === 1 ? first.shape : sameShape(data);
  const reach = reachOf(node, inputs, shape);
  const noted = reach === 'unknown' ? notedShape(file, node.outputs[output]!, first.layout) : shape;
  const foreign: Foreign = { foreign: node.operator, reason, reach };
  drafts.push({
    node,
    output: node.outputs[output]!,
    from: data.map(({ place }) => place),
    inputShapes: data.map((each) => each.shape),
    ...(noted && { shape: noted }),
    held: inputs.flatMap((value) =>
      value?.kind === 'tensor' && value.tensor.isFloat && value.tensor.dims.length > 0
        ? [heldOf(value.tensor)]
        : [],
    ),
    said: foreign,
  });
  return { kind: 'data', place: drafts.length - 1, ...(noted && { shape: noted }), layout: first.layout };
}

function reachOf(
  node: OnnxNode,
  inputs: readonly (Value | undefined)[],
  shape: Shape | undefined,
): Foreign['reach'] {
  const count = inputs.filter((value) => value?.kind === 'data').length;
  if (count === 1 && POINTWISE.has(node.operator)) return 'position';
  if (!MERGES.has(node.operator) || shape === undefined) return 'unknown';
  if (count > 1) return 'merge';
  // A constant that is larger than the value would stretch it.
  const constants = inputs.flatMap((value) => (value?.kind === 'tensor' ? [value.tensor.dims] : []));
  return constants.every((dims) => dims.length <= shape.length + 1) ? 'position' : 'unknown';
}

function sameShape(data: readonly Data[]): Shape | undefined {
  const [first] = data;
  return data.every(({ shape, layout }) => shape?.join() === first?.shape?.join() && layout === first?.layout)
    ? first?.shape
    : undefined;
}

/** The size that the exporter noted of a value. */
function notedShape({ sizes }: OnnxFile, name: string, layout: Layout): Shape | undefined {
  const [, ...rest] = sizes.get(name) ?? [];
  if (rest.some((size) => size === null)) return undefined;
  const known = rest as number[];
  if (known.length === 1) return known;
  if (known.length !== 3) return undefined;
  return layout === 'first' ? [known[1]!, known[2]!, known[0]!] : known;
}

function useOf(reading: Reading, node: OnnxNode): Use {
  const { file, values, absorbed } = reading;
  const input = (index: number) => values.get(node.inputs[index] ?? '');
  const tensor = (index: number) => {
    const value = input(index);
    return value?.kind === 'tensor' ? value.tensor : undefined;
  };
  const readers = (output: string) => file.nodes.filter(({ inputs }) => inputs.includes(output));
  return {
    node,
    opset: file.opset,
    input,
    tensor,
    readers,
    data(index) {
      const value = input(index);
      return value?.kind === 'data' ? value : undefined;
    },
    ints(name, index) {
      const attribute = node.attributes.get(name);
      if (Array.isArray(attribute)) return attribute as readonly number[];
      const given = index === undefined ? undefined : tensor(index);
      return given?.values && !given.isFloat ? [...given.values] : undefined;
    },
    number(name, otherwise) {
      const value = node.attributes.get(name);
      return typeof value === 'number' ? value : otherwise;
    },
    text(name, otherwise) {
      const value = node.attributes.get(name);
      return typeof value === 'string' ? value : otherwise;
    },
    reader(output) {
      // Of its second input that operator takes the type alone.
      const found = readers(output).filter(
        (each) => each.operator !== 'CastLike' || each.inputs[0] === output,
      );
      return found.length === 1 && file.outputs.every(({ name }) => name !== output) ? found[0] : undefined;
    },
    value: (name) => values.get(name) ?? constantValue(reading, name, MOST_STEPS),
    emit: (emission) => emit(reading, node, emission),
    absorb: (later) => absorbed.set(later, node),
  };
}

/** Operators between a constant and what it is made of, where the file has them after the operator that asks. */
const MOST_STEPS = 8;

/** The value of a constant that the file makes later; undefined where it depends on the image. */
function constantValue(reading: Reading, name: string, steps: number): Value | undefined {
  const node = reading.file.nodes.find(({ outputs }) => outputs[0] === name);
  if (node === undefined || steps === 0 || !CONSTANT.has(node.operator)) return undefined;
  for (const input of node.inputs) {
    if (reading.values.has(input)) continue;
    const value = constantValue(reading, input, steps - 1);
    if (value !== undefined) reading.values.set(input, value);
  }
  const found = OPERATORS[node.operator]!(useOf(reading, node));
  return typeof found === 'string' || found.kind === 'data' ? undefined : found;
}

/** Operators that make no layer. */
const CONSTANT: ReadonlySet<string> = new Set(
  'Cast CastLike Concat Constant Expand Gather Range Reshape Shape Slice Squeeze Sub Unsqueeze'.split(' '),
);

function emit({ drafts }: Reading, node: OnnxNode, emission: Emission): Data | string {
  const { type, settings = {}, from, weights = [], held = [] } = emission;
  const op = opOf(type)!;
  const parsed = op.schema.safeParse({ ...settings, type });
  if (!parsed.success) return `has settings that no layer has: ${parsed.error.issues[0]!.message}`;
  const inputShapes = from.map(({ shape }) => shape);
  if (inputShapes.includes(undefined)) return 'reads a value of unknown size';
  const shape = op.shape(parsed.data, inputShapes as Shape[]);
  if (typeof shape === 'string') return shape.replace(/\.$/, '');
  const wanted = op.weights?.(parsed.data, inputShapes as Shape[]) ?? [];
  const odd = wanted.findIndex(
    (weight, i) => weights[i]?.length !== weight.shape.reduce((product, size) => product * size, 1),
  );
  if (odd >= 0 || weights.length !== wanted.length) {
    return `has weights of other sizes than its settings mean (${wanted[odd]?.name ?? 'too many'})`;
  }
  drafts.push({
    node,
    output: node.outputs[0]!,
    from: from.map(({ place }) => place),
    inputShapes,
    shape,
    held,
    said: { type, settings, weights },
  });
  return { kind: 'data', place: drafts.length - 1, shape, layout: from[0]!.layout };
}

/** A map of 1 x 1 at the end is one value a class: as the vector that it stands for. */
function finished({ drafts }: Reading, { shape, place }: Data): readonly Draft[] {
  const { node, output } = drafts[place]!;
  if (shape?.length === 3 && shape[0] === 1 && shape[1] === 1) {
    const said = { type: 'flatten', settings: {}, weights: [] };
    const flat: Draft = {
      node,
      output,
      from: [place],
      inputShapes: [shape],
      shape: [shape[2]!],
      held: [],
      said,
    };
    return [...drafts, flat];
  }
  return drafts;
}
