import { GateError } from '../errors.ts';
import type { FloatTensor } from '../formats/safetensors.ts';
import type { Graph } from '../model/graph.ts';
import type { LayerWeights } from '../onnx/ours.ts';
import { type TorchArray, torchArrays } from './layouts.ts';

/** PyTorch's modules by the names of this network's layers: { conv1: 'features.0' }. */
export type ModuleNames = Readonly<Record<string, string>>;

/** A network's weights as PyTorch's state dict of a network of the same layers: "conv1.weight" [filters, channels, height, width]. */
export function stateDictOf(graph: Graph, weights: LayerWeights): ReadonlyMap<string, FloatTensor> {
  return new Map(
    [...torchArrays(graph)].flatMap(([layer, arrays]) => {
      const held = weights.get(layer) ?? [];
      if (held.length !== arrays.length) {
        throw new GateError(
          `${layer}: expected ${arrays.length} arrays of weights, found ${held.length}. Take the weights of this network.`,
        );
      }
      return arrays.map(({ suffix, dims, fromOurs }, i) => {
        return [`${layer}.${suffix}`, { dims, values: fromOurs(held[i]!) }] as const;
      });
    }),
  );
}

/**
 * The weights in a state dict, in this project's order and layouts. A layer's module has the layer's name, or the one that `names`
 * gives; where no layer finds its own and all modules have numbers (nn.Sequential), they come in the order of the layers.
 * Throws GateError where an array is missing, left over, or of another size.
 */
export function weightsOfStateDict(
  graph: Graph,
  tensors: ReadonlyMap<string, FloatTensor>,
  file: string,
  names: ModuleNames = {},
): LayerWeights {
  const arrays = torchArrays(graph);
  const modules = modulesOf(arrays, tensors, names, file);
  const left = new Set(tensors.keys());
  const weights = new Map<string, readonly Float32Array[]>();
  for (const [layer, list] of arrays) {
    const found = list.map(({ suffix, dims, toOurs }) => {
      const name = `${modules.get(layer)!}.${suffix}`;
      const tensor = tensors.get(name);
      if (tensor === undefined) {
        throw new GateError(
          `${file} has no "${name}" for layer ${layer}: found ${[...tensors.keys()].slice(0, 12).join(', ') || 'nothing'}. Name its module: names: { '${layer}': '...' }.`,
        );
      }
      if (!isSameSize(tensor.dims, dims)) {
        throw new GateError(
          `${file}: "${name}" is ${tensor.dims.join(' x ')}: expected ${dims.join(' x ')} for layer ${layer}. The network is another, or the module is another layer's.`,
        );
      }
      left.delete(name);
      return toOurs(tensor.values);
    });
    weights.set(layer, found);
  }
  if (left.size > 0) {
    throw new GateError(
      `${file} holds more than the network: ${[...left].slice(0, 6).join(', ')}. Describe the layers that these belong to.`,
    );
  }
  return weights;
}

function modulesOf(
  arrays: ReadonlyMap<string, readonly TorchArray[]>,
  tensors: ReadonlyMap<string, FloatTensor>,
  names: ModuleNames,
  file: string,
): ReadonlyMap<string, string> {
  const layers = [...arrays.keys()];
  const stray = Object.keys(names).find((name) => !arrays.has(name));
  if (stray !== undefined) {
    throw new GateError(`names: "${stray}" is no layer with weights. Known: ${layers.join(', ')}.`);
  }
  const found = [...new Set([...tensors.keys()].map((name) => name.replace(/\.[^.]+$/, '')))];
  const isNamed = Object.keys(names).length > 0 || layers.some((layer) => tensors.has(keyOf(layer, arrays)));
  const numbered = found.every((name) => /^([A-Za-z_]\w*\.)?\d+$/.test(name));
  const isPlain = layers.every((layer) => arrays.get(layer)!.every(({ suffix }) => !suffix.includes('.')));
  if (isNamed || !numbered || !isPlain) return new Map(layers.map((layer) => [layer, names[layer] ?? layer]));
  if (found.length !== layers.length) {
    throw new GateError(
      `${file} has ${found.length} modules with weights, the network ${layers.length} layers with weights (${layers.join(', ')}): found ${found.join(', ')}. Name the modules: names: { '${layers[0]}': '...' }.`,
    );
  }
  const inOrder = found.toSorted((a, b) => numberOf(a) - numberOf(b));
  return new Map(layers.map((layer, i) => [layer, inOrder[i]!]));
}

function keyOf(layer: string, arrays: ReadonlyMap<string, readonly TorchArray[]>): string {
  return `${layer}.${arrays.get(layer)![0]!.suffix}`;
}

function numberOf(module: string): number {
  return Number(module.split('.').at(-1));
}

/** Sizes of 1 in front do not count. */
function isSameSize(found: readonly number[], expected: readonly number[]): boolean {
  const trimmed = (dims: readonly number[]) => dims.join('x').replace(/^(1x)+(?=\d)/, '');
  return trimmed(found) === trimmed(expected);
}
