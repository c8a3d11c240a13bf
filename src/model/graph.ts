import type { z } from 'zod';
import { GateError } from '../errors.ts';
import { opOf, ops } from '../ops/index.ts';
import type { LayerSchema, Op, Shape, Weight } from '../ops/op.ts';
import type { OutputKind } from '../record.ts';
import type { Layer, Network } from './layers.ts';
import { ownerOf } from './shared-weights.ts';

/** A network whose layers have found each other: pure arithmetic, no tensors. */
export interface Graph {
  readonly input: Shape;
  /** In the order of computation: every node comes after what it reads. The last one is the output. */
  readonly nodes: readonly Node[];
}

export interface Node {
  /** Place in `nodes`. */
  readonly index: number;
  readonly name: string;
  readonly op: Op;
  /** Settings with their defaults. */
  readonly layer: z.output<LayerSchema>;
  /** Places in `nodes` of what it reads, in order; `IMAGE` is the network's input. */
  readonly inputs: readonly number[];
  readonly inputShapes: readonly Shape[];
  /** Of one image's output. */
  readonly shape: Shape;
  /** `trainable` is false in a frozen layer. */
  readonly weights: readonly Weight[];
  /** Place in `nodes` of the layer that has these weights: its own, or that of an earlier one, whose weights it uses. */
  readonly weightsFrom: number;
}

/** Stands for the network's input among the inputs of a node. */
export const IMAGE = -1;
/** What a layer's `from` calls the network's input. */
const INPUT = 'input';

/** Resolves names, defaults and shapes; throws GateError, with the layer's number and name, where something does not fit. */
export function graphOf({ input, layers }: Network): Graph {
  const nodes: Node[] = [];
  const counts = new Map<string, number>();
  const places = new Map([[INPUT, IMAGE]]);
  for (const [index, data] of layers.entries()) {
    const op = opOf(data.type) ?? unknownType(data, index);
    const number = (counts.get(op.prefix) ?? 0) + 1;
    counts.set(op.prefix, number);
    const name = data.name ?? `${op.prefix}${number}`;
    const where = `layer ${index + 1} (${name})`;
    if (places.has(name)) throw new GateError(`${where} has a name that is taken. Give each layer its own.`);
    const layer = parsed(op, data, where);
    const inputs = inputsOf(layer.from, places, index - 1, where);
    if (op.readsSeveral === undefined && inputs.length > 1) {
      throw new GateError(`${where} reads one layer; its "from" names ${inputs.length}.`);
    }
    const inputShapes = inputs.map((place) => (place === IMAGE ? input : nodes[place]!.shape));
    const shape = op.shape(layer, inputShapes);
    if (typeof shape === 'string') throw new GateError(`${where} ${shape}`);
    const own = (op.weights?.(layer, inputShapes) ?? []).map((weight) => ({
      ...weight,
      trainable: weight.trainable && layer.frozen !== true,
    }));
    const node = { index, name, op, layer, inputs, inputShapes, shape };
    if (layer.weightsOf === undefined) nodes.push({ ...node, weights: own, weightsFrom: index });
    else {
      const { weights, index: weightsFrom } = ownerOf(layer, nodes, inputShapes, where);
      nodes.push({ ...node, weights, weightsFrom });
    }
    places.set(name, index);
  }
  checkAllRead(nodes);
  return { input, nodes };
}

/** Whether a node has weights, and they are its own: those that others use, too, count once. */
export function hasOwnWeights({ index, weights, weightsFrom }: Node): boolean {
  return weights.length > 0 && weightsFrom === index;
}

/** Shape of one image's output. */
export function outputShape({ input, nodes }: Graph): Shape {
  return nodes.at(-1)?.shape ?? input;
}

/** Multiply-adds of one image through all nodes: convolutions and dense layers; the rest is small beside them. */
export function multiplyAddsOf({ nodes }: Graph): number {
  return nodes.reduce(
    (sum, { op, layer, inputShapes }) => sum + (op.multiplyAdds?.(layer, inputShapes) ?? 0),
    0,
  );
}

/** What the values of a network's output mean, and where its logits are. */
export interface Head {
  readonly output: OutputKind;
  /** Place of the node whose output are the logits; `IMAGE` in a network without layers. */
  readonly logits: number;
}

/**
 * A softmax or log-softmax that the network ends in, or that nothing but a flatten follows, is its head; where there is
 * none, the output are the logits. Training works on the logits: their cross-entropy is that of the probabilities.
 */
export function headOf({ nodes }: Graph): Head {
  let at = nodes.at(-1);
  while (at?.op.type === 'flatten' && at.inputs[0] !== IMAGE) at = nodes[at.inputs[0]!];
  const [logits] = at?.shape.slice(0, -1).every((size) => size === 1) ? at.inputs : [];
  if (logits !== undefined && at?.op.type === 'softmax') return { output: 'probabilities', logits };
  if (logits !== undefined && at?.op.type === 'logSoftmax') return { output: 'log-probabilities', logits };
  return { output: 'logits', logits: nodes.length - 1 };
}

function unknownType({ type }: Layer, index: number): never {
  throw new GateError(
    `layer ${index + 1} has the type "${type}", which there is not. Known: ${ops.map((op) => op.type).join(', ')}.`,
  );
}

function parsed(op: Op, data: Layer, where: string): z.output<LayerSchema> {
  const result = op.schema.safeParse(data);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const at = path.length === 0 ? '' : `${path.join('.')}: `;
    return at + message;
  });
  throw new GateError(`${where} has wrong settings: ${problems.join('; ')}.`);
}

function inputsOf(
  from: string | readonly string[] | undefined,
  places: ReadonlyMap<string, number>,
  before: number,
  where: string,
): readonly number[] {
  if (from === undefined) return [before];
  return [from].flat().map((name) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new GateError(
      `${where} reads "${name}", which no layer before it is called. Known: ${[...places.keys()].join(', ')}.`,
    );
  });
}

function checkAllRead(nodes: readonly Node[]): void {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const unread = nodes.slice(0, -1).find(({ index }) => !read.has(index));
  if (unread === undefined) return;
  throw new GateError(
    `layer ${unread.index + 1} (${unread.name}) is read by no layer. Leave it out, or name it in a "from".`,
  );
}
