import { GateError } from '../errors.ts';
import { type Graph, hasOwnWeights, IMAGE, type Node } from '../model/graph.ts';
import { transposed } from '../onnx/layout.ts';
import { isDepthwise } from '../ops/convolution.ts';
import type { Shape } from '../ops/op.ts';

/** One array of a layer's weights as PyTorch has it: what comes after the module's name, its sizes, and the way there and back. */
export interface TorchArray {
  readonly suffix: string;
  readonly dims: readonly number[];
  fromOurs(values: Float32Array): Float32Array;
  toOurs(values: Float32Array): Float32Array;
}

const SUFFIXES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  depthwiseKernel: 'depthwise.weight',
  pointwiseKernel: 'pointwise.weight',
  gamma: 'weight',
  alpha: 'weight',
  beta: 'bias',
  bias: 'bias',
  movingMean: 'running_mean',
  movingVariance: 'running_var',
};

/** The arrays of each layer with weights of its own, in the order of its op's weights. Throws GateError where an order cannot be followed. */
export function torchArrays(graph: Graph): ReadonlyMap<string, readonly TorchArray[]> {
  const flattened = flattenedMaps(graph);
  return new Map(
    graph.nodes.filter(hasOwnWeights).map((node) => {
      const [place] = node.inputs;
      const map = place === IMAGE ? undefined : flattened[place!];
      return [node.name, node.weights.map(({ name, shape }) => arrayOf(node, name, shape, map))] as const;
    }),
  );
}

function arrayOf(node: Node, name: string, shape: Shape, map: Shape | undefined): TorchArray {
  const suffix =
    node.op.type === 'separableConvolution' && name === 'bias' ? 'pointwise.bias' : SUFFIXES[name]!;
  if (shape.length === 4) {
    const isDepth =
      name === 'depthwiseKernel' ||
      (name === 'kernel' &&
        isDepthwise(node.layer as unknown as { readonly groups: number }, node.inputShapes[0]!));
    const there = isDepth ? [2, 3, 0, 1] : [3, 2, 0, 1];
    const turned = there.map((axis) => shape[axis]!);
    const dims = isDepth ? [turned[0]! * turned[1]!, 1, turned[2]!, turned[3]!] : turned;
    return { suffix, dims, ...turning(shape, there) };
  }
  if (node.op.type === 'dense' && name === 'kernel') return denseKernel(suffix, shape, map);
  // Factors and slopes of a whole map.
  if (shape.length === 3 && shape[0]! * shape[1]! > 1) {
    return { suffix, dims: [shape[2]!, shape[0]!, shape[1]!], ...turning(shape, [2, 0, 1]) };
  }
  // Of a vector: one a value, in PyTorch's order of them.
  const count = shape.reduce((product, size) => product * size, 1);
  if (map !== undefined && node.op.type !== 'dense' && count > 1) {
    return { suffix, dims: [count], ...turning(map, [2, 0, 1]) };
  }
  return { suffix, dims: [count], fromOurs: (values) => values, toOurs: (values) => values };
}

/** [inputs, units] as [units, inputs], where the inputs are a map that was flattened, in PyTorch's order of it. */
function denseKernel(suffix: string, [inputs, units]: Shape, map: Shape | undefined): TorchArray {
  const dims = [units!, inputs!];
  return map === undefined
    ? { suffix, dims, ...turning([inputs!, units!], [1, 0]) }
    : { suffix, dims, ...turning([...map, units!], [3, 2, 0, 1]) };
}

/** An order of axes and its inverse. */
function turning(shape: Shape, order: readonly number[]): Pick<TorchArray, 'fromOurs' | 'toOurs'> {
  const back = order.map((_, axis) => order.indexOf(axis));
  const there = order.map((axis) => shape[axis]!);
  return {
    fromOurs: (values) => transposed(values, shape, order),
    toOurs: (values) => transposed(values, there, back),
  };
}

/**
 * Of each node the map [height, width, channels] whose values its vector holds in this project's order where PyTorch would have
 * them in its own; undefined: the two are the same.
 */
function flattenedMaps({ nodes }: Graph): readonly (Shape | undefined)[] {
  const found: (Shape | undefined)[] = [];
  for (const node of nodes) {
    const [first, ...others] = node.inputs.map((place) => (place === IMAGE ? undefined : found[place]));
    if (others.some((each) => each?.join() !== first?.join())) throw unfollowed(node);
    if (node.op.type === 'flatten') found.push(mapOf(node));
    else if (node.op.type === 'concatenate' && first !== undefined) throw unfollowed(node);
    else found.push(node.op.type === 'dense' ? undefined : first);
  }
  const last = nodes.at(-1);
  if (last !== undefined && found.at(-1) !== undefined) throw unfollowed(last);
  return found;
}

function mapOf({ layer, inputShapes }: Node): Shape | undefined {
  const [map] = inputShapes as readonly [Shape];
  const { order } = layer as unknown as { readonly order: string };
  const [height, width, channels] = map as readonly [number, number, number];
  return order === 'channelsLast' && height * width > 1 && channels > 1 ? map : undefined;
}

function unfollowed({ name }: Node): GateError {
  return new GateError(
    `${name}: the order in which a map was flattened before it cannot be followed into PyTorch's. Flatten with { order: 'channelsFirst' }.`,
  );
}
