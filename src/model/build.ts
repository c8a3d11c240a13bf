import * as tfl from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import { BATCH_NORM, type Layer, type Network } from './layers.ts';

/** What layers are called in the built model; the number of its kind follows: "conv1", "conv2", "bn1", ... */
const PREFIX: Record<Layer['type'], string> = {
  convolution: 'conv',
  batchNorm: 'bn',
  relu: 'relu',
  maxPool: 'pool',
  dropout: 'dropout',
  globalAveragePool: 'gap',
};

/**
 * A stock `tf.layers` chain out of a network's plain data: images [batch, height, width, channels] to logits
 * [batch, classes], no softmax. Plain tfjs can save and load it. A tfjs backend must be selected before.
 * Throws GateError where a layer does not fit the one before it, or where the output is not one value a class.
 */
export function buildModel(network: Network, options: { readonly name?: string } = {}): tfl.LayersModel {
  const model = tfl.sequential(options.name === undefined ? {} : { name: options.name });
  model.add(tfl.layers.inputLayer({ inputShape: [...network.input], name: 'input' }));
  try {
    addLayers(model, network.layers);
    const output = outputShape(model);
    if (output.length !== 1) {
      throw new GateError(
        `The network ends with the shape ${output.join(' x ')}, expected one value a class: end it with a globalAveragePool layer.`,
      );
    }
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function addLayers(model: tfl.Sequential, layers: readonly Layer[]): void {
  const seen = new Map<string, number>();
  for (const [index, layer] of layers.entries()) {
    const prefix = PREFIX[layer.type];
    const number = (seen.get(prefix) ?? 0) + 1;
    seen.set(prefix, number);
    const name = `${prefix}${number}`;
    checkFit(layer, outputShape(model), `layer ${index + 1} (${name})`);
    model.add(stockLayer(layer, name));
  }
}

function stockLayer(layer: Layer, name: string): tfl.layers.Layer {
  switch (layer.type) {
    case 'convolution':
      return tfl.layers.conv2d({
        name,
        filters: layer.filters,
        kernelSize: layer.kernel,
        strides: layer.stride ?? 1,
        dilationRate: layer.dilation ?? 1,
        padding: layer.padding,
        useBias: false,
        // Overwritten by `initialWeights`; zeros cost nothing to make.
        kernelInitializer: 'zeros',
      });
    case 'batchNorm':
      return tfl.layers.batchNormalization({ name, ...BATCH_NORM });
    case 'relu':
      return tfl.layers.reLU({ name });
    case 'maxPool':
      return tfl.layers.maxPooling2d({ name, poolSize: layer.size, strides: layer.size });
    case 'dropout':
      return tfl.layers.dropout({ name, rate: layer.rate });
    case 'globalAveragePool':
      return tfl.layers.globalAveragePooling2d({ name });
  }
}

/** Shape of one image's output of the layers so far. */
function outputShape(model: tfl.Sequential): readonly number[] {
  const [last] = model.layers.slice(-1);
  return (last!.outputShape as (number | null)[]).slice(1).map((size) => size ?? 0);
}

function checkFit(layer: Layer, input: readonly number[], where: string): void {
  if (layer.type !== 'convolution' && layer.type !== 'maxPool' && layer.type !== 'globalAveragePool') return;
  const found = `its input is ${input.join(' x ')}`;
  if (input.length !== 3) {
    throw new GateError(
      `${where} needs a height x width x channels input; ${found}. Move it before the global pooling.`,
    );
  }
  const extent = windowExtent(layer);
  if (extent > Math.min(input[0]!, input[1]!)) {
    throw new GateError(
      `${where} has a ${extent} x ${extent} window, but ${found}. Use fewer or smaller layers before it, or padding 'same'.`,
    );
  }
}

/** Pixels a side that must be there for the first output. */
function windowExtent(layer: Layer): number {
  if (layer.type === 'maxPool') return layer.size;
  if (layer.type !== 'convolution' || layer.padding === 'same') return 1;
  return (layer.kernel - 1) * (layer.dilation ?? 1) + 1;
}
