import type { LayersModel } from '@tensorflow/tfjs-layers';
import { known, sumOf } from '../fact.ts';
import type { LayerCost, ModelFacts } from '../record.ts';
import { applicationsOf } from './applications.ts';
import { multiplyAddsOf } from './multiply-adds.ts';

/**
 * What each use of a layer of a built model costs, layers of models inside the model among them: a layer that is applied twice
 * ("conv1", "conv1#2") computes twice, and its weights are counted at its first use.
 */
export function layerCosts(model: LayersModel): LayerCost[] {
  const trained = new Set(model.trainableWeights);
  const counted = new Set<unknown>();
  return applicationsOf(model).list.map((application) => {
    const weights = application.layer.weights.filter((weight) => !counted.has(weight));
    for (const weight of weights) counted.add(weight);
    return {
      layer: application.name,
      output: [...application.outputShapes[0]!],
      parameters: sizeOf(weights.filter((weight) => trained.has(weight))),
      allParameters: sizeOf(weights),
      multiplyAdds: multiplyAddsOf(application),
    };
  });
}

/** Sums over the layers. */
export function total(
  costs: readonly LayerCost[],
): Pick<ModelFacts, 'parameters' | 'allParameters' | 'multiplyAdds'> {
  return {
    parameters: known(costs.reduce((sum, { parameters }) => sum + parameters, 0)),
    allParameters: known(costs.reduce((sum, { allParameters }) => sum + allParameters, 0)),
    multiplyAdds: sumOf(costs.map(({ multiplyAdds }) => multiplyAdds)),
  };
}

function sizeOf(weights: LayersModel['weights']): number {
  return weights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((product, size) => product * (size ?? 0), 1),
    0,
  );
}
