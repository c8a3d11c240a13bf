import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import { readBounded } from '../formats/bounded-file.ts';
import { parseSafetensors, SAFETENSORS_MOST_BYTES, safetensorsOf } from '../formats/safetensors.ts';
import { type Graph, graphOf } from '../model/graph.ts';
import type { Network } from '../model/layers.ts';
import { networkOf } from '../model/network-of.ts';
import { type LayerWeights, modelWith } from '../onnx/ours.ts';
import { projectVersion } from '../training/versions.ts';
import { type ModuleNames, stateDictOf, weightsOfStateDict } from './state-dict.ts';
import { onnxOf } from './write-onnx.ts';

/** A model of tf.layers as an ONNX file. Throws GateError where a layer is none of this project's, with the reason. */
export function modelToOnnx(model: LayersModel): Uint8Array {
  const { graph, weights } = plainOf(model);
  return onnxOf(graph, weights, { version: projectVersion });
}

/**
 * A model's weights as safetensors, in PyTorch's names and layouts: `load_state_dict` of a network of the same layers takes them.
 * Throws GateError where a layer is none of this project's.
 */
export function modelToSafetensors(model: LayersModel): Uint8Array {
  const { graph, weights } = plainOf(model);
  return safetensorsOf(stateDictOf(graph, weights));
}

/**
 * The model of a network with the weights of a safetensors file, such as `save_file(net.state_dict(), ...)` writes. `names` are
 * PyTorch's modules by layer, where they are called otherwise: { conv1: 'features.0' }. A tfjs backend must be selected before.
 * Throws GateError where the file cannot be used or is not of this network.
 */
export function modelOfSafetensors(
  network: Network,
  file: string,
  { names = {} }: { readonly names?: ModuleNames } = {},
): LayersModel {
  const bytes = readBounded(file, { what: 'a safetensors file', mostBytes: SAFETENSORS_MOST_BYTES });
  const graph = graphOf(network);
  const weights = weightsOfStateDict(graph, parseSafetensors(bytes, file), file, names);
  return modelWith({ network, graph, weights }, 'elsewhere');
}

function plainOf(model: LayersModel): { readonly graph: Graph; readonly weights: LayerWeights } {
  const read = networkOf(model);
  if ('reason' in read) {
    throw new GateError(
      `The model cannot be exported: ${read.reason}. Export it with tf.layers' own model.save, or build it of the layers in src/ops.`,
    );
  }
  const weights = [...read.weights].map(([name, variables]) => {
    return [name, variables.map((variable) => Float32Array.from(variable.read().dataSync()))] as const;
  });
  return { graph: read.graph, weights: new Map(weights) };
}
