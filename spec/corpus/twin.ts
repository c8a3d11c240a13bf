import type { Graph, Node } from '../../src/model/graph.ts';
import { IMAGE } from '../../src/model/graph.ts';
import type { Layer, Network } from '../../src/model/layers.ts';

/**
 * A linear network that reads the same pixels as `graph` and is simpler: one filter a convolution, max pooling is average
 * pooling, a pooling or dense layer over the whole map has the map's size as its window, norms, activations and dropout are
 * left out. Its image has `margin` pixels more on every side, so that no field is cut by the border. With kernels of ones
 * its gradient is zero exactly where the output does not depend on a pixel.
 */
export function linearTwin({ input, nodes }: Graph, margin: number): Network {
  const names = new Map([[IMAGE, 'input']]);
  /** Height and width that a vector had as a map. */
  const sizes = new Map<number, readonly [number, number]>([[IMAGE, [input[0]!, input[1]!]]]);
  const layers: Layer[] = [];
  for (const node of nodes) {
    const [first] = node.inputs as [number];
    const twin = linear(node, sizes.get(first)!);
    sizes.set(
      node.index,
      node.shape.length === 3 ? [node.shape[0]!, node.shape[1]!] : sizeAfter(node, sizes.get(first)!),
    );
    if (twin === undefined) {
      names.set(node.index, names.get(first)!);
      continue;
    }
    layers.push({ ...twin, name: node.name, from: node.inputs.map((place) => names.get(place)!) } as Layer);
    names.set(node.index, node.name);
  }
  return { input: [input[0]! + 2 * margin, input[1]! + 2 * margin, 1], layers };
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: 'valid' | 'same' | readonly [number, number];
  readonly size: readonly [number, number];
}

function linear({ op, layer, inputShapes }: Node, size: readonly [number, number]): Layer | undefined {
  const window = layer as unknown as Window;
  switch (op.type) {
    case 'convolution': {
      // A larger kernel with zeros between its ones: tfjs has no gradient of a dilated one.
      const kernel = window.kernel.map((side, axis) => (side - 1) * window.dilation[axis]! + 1) as [
        number,
        number,
      ];
      return { type: 'convolution', filters: 1, kernel, stride: window.stride, padding: window.padding };
    }
    case 'maxPool':
    case 'averagePool':
      return {
        type: 'averagePool',
        size: window.size,
        stride: window.stride ?? window.size,
        padding: window.padding,
      };
    case 'globalAveragePool':
    case 'globalMaxPool':
      return { type: 'averagePool', size, stride: 1 };
    case 'dense':
      return { type: 'convolution', filters: 1, kernel: inputShapes[0]!.length === 1 ? size : 1 };
    case 'add':
    case 'concatenate':
      return { type: op.type };
    default:
      return undefined;
  }
}

function sizeAfter({ op }: Node, size: readonly [number, number]): readonly [number, number] {
  return op.reach !== undefined && op.type !== 'add' && op.type !== 'concatenate' ? [1, 1] : size;
}
