import type { layers as stock, LayersModel } from '@tensorflow/tfjs-layers';
import type { LayerCost } from '../record.ts';

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
      const output = shapeOf(layer.outputShape);
      const isModel = 'layers' in layer;
      return {
        layer: layer.name,
        output,
        parameters: layer.trainableWeights.reduce(
          (sum, weight) => sum + product(shapeOf(weight.shape, 0)),
          0,
        ),
        multiplyAdds: isModel
          ? total(layerCosts(layer as LayersModel)).multiplyAdds
          : multiplyAdds(layer, output),
      };
    });
}

/** Sums over the layers. */
export function total(costs: readonly LayerCost[]): Pick<LayerCost, 'parameters' | 'multiplyAdds'> {
  return {
    parameters: costs.reduce((sum, { parameters }) => sum + parameters, 0),
    multiplyAdds: costs.reduce((sum, cost) => sum + cost.multiplyAdds, 0),
  };
}

/** Every kernel weight is used once at every output position; a depthwise kernel's channels are its own positions. */
function multiplyAdds(layer: StockLayer, output: readonly number[]): number {
  const positions = product(output.slice(0, -1));
  return layer.weights
    .filter((weight) => weight.originalName.endsWith('kernel'))
    .reduce((sum, weight) => sum + positions * product(shapeOf(weight.shape, 0)), 0);
}

function shapeOf(shape: unknown, from = 1): number[] {
  return (shape as (number | null)[]).slice(from).map((size) => size ?? 0);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
