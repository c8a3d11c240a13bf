import { tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildModel } from '../model/build.ts';
import { type Graph, hasOwnWeights } from '../model/graph.ts';
import type { Network } from '../model/layers.ts';

/** Weights of a network by the name of the layer that has them: in the order and layout of its op's weights. */
export type LayerWeights = ReadonlyMap<string, readonly Float32Array[]>;

/** The stock model of a network with these weights; a tfjs backend must be selected before, and the model is the caller's. */
export function modelWith(
  {
    network,
    graph,
    weights,
  }: { readonly network: Network; readonly graph: Graph; readonly weights: LayerWeights },
  name: string,
): LayersModel {
  const model = buildModel(network, { name });
  for (const { name } of graph.nodes.filter(hasOwnWeights)) {
    const values = weights.get(name);
    if (values === undefined) continue;
    const variables = model.getLayer(name).weights;
    variables.forEach((variable, i) => {
      const value = tensor(values[i]!, variable.shape as number[]);
      variable.write(value);
      value.dispose();
    });
  }
  return model;
}

/** The weights that a model of `buildModel` holds, by layer. */
export function weightsOf(model: LayersModel, graph: Graph): LayerWeights {
  const held = graph.nodes.filter(hasOwnWeights);
  return new Map(
    held.map(({ name }) => {
      const variables = model.getLayer(name).weights;
      return [name, variables.map((variable) => Float32Array.from(variable.read().dataSync()))] as const;
    }),
  );
}
