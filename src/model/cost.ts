import type { layers as stock, LayersModel } from '@tensorflow/tfjs-layers';
import { type Fact, known, sumOf, unknown } from '../fact.ts';
import type { LayerCost, ModelFacts } from '../record.ts';

type StockLayer = stock.Layer;

/**
 * What each layer of a built model costs: trainable parameters, output shape of one image and multiply-adds of one
 * image's forward pass. Multiply-adds are those of convolutions and dense layers; the rest is small beside them.
 * Models inside the model count as one layer each.
 */
export function layerCosts(model: LayersModel): LayerCost[] {
  return model.layers
    .filter((layer) => layer.getClassName() !== 'InputLayer')
    .map((layer) => {
      const output = outputOf(layer);
      const isModel = 'layers' in layer;
      return {
        layer: layer.name,
        output,
        parameters: layer.trainableWeights.reduce(
          (sum, weight) => sum + product(shapeOf(weight.shape, 0)),
          0,
        ),
        allParameters: layer.weights.reduce((sum, weight) => sum + product(shapeOf(weight.shape, 0)), 0),
        multiplyAdds: isModel
          ? total(layerCosts(layer as LayersModel)).multiplyAdds
          : multiplyAdds(layer, output),
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

/** Every kernel weight is used once at every output position; a depthwise kernel's channels are its own positions. */
function multiplyAdds(layer: StockLayer, output: readonly (number | null)[]): Fact {
  const kernels = layer.weights.filter((weight) => weight.originalName.endsWith('kernel'));
  if (kernels.length === 0) return known(0);
  const places = output.slice(0, -1);
  if (places.includes(null)) {
    return unknown(`the size of the output of "${layer.name}" is not known: give the model an inputShape`);
  }
  const positions = product(places as number[]);
  return known(kernels.reduce((sum, weight) => sum + positions * product(shapeOf(weight.shape, 0)), 0));
}

function outputOf(layer: StockLayer): (number | null)[] {
  const shape = layer.outputShape as (number | null)[] | (number | null)[][];
  return (Array.isArray(shape[0]) ? shape[0] : (shape as (number | null)[])).slice(1);
}

function shapeOf(shape: unknown, from = 1): number[] {
  return (shape as (number | null)[]).slice(from).map((size) => size ?? 0);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
