import * as tfl from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import type { StockLayer } from '../ops/op.ts';
import { describe } from '../ops/window.ts';
import { customLayers } from './custom/index.ts';
import { type Graph, graphOf, IMAGE, type Node, outputShape } from './graph.ts';
import type { Network } from './layers.ts';

/**
 * A `tf.layers` model out of a network's plain data: images [batch, height, width, channels] to [batch, classes]. Sequential
 * where it is a chain, else functional. Plain tfjs can save it, and load it where this module is imported. A tfjs backend must
 * be selected before. Throws GateError where a layer does not fit what it reads, or where the output is not one value a class.
 */
export function buildModel(network: Network, options: { readonly name?: string } = {}): tfl.LayersModel {
  const graph = graphOf(network);
  const output = outputShape(graph);
  if (output.length !== 1) {
    throw new GateError(
      `The network ends with the shape ${describe(output)}, expected one value a class: end it with a globalAveragePool layer.`,
    );
  }
  return isChain(graph) ? chainModel(graph, options) : graphModel(graph, options);
}

function isChain({ nodes }: Graph): boolean {
  return nodes.every(
    ({ inputs, weightsFrom }, index) =>
      inputs.length === 1 && inputs[0] === index - 1 && weightsFrom === index,
  );
}

function chainModel({ input, nodes }: Graph, options: { readonly name?: string }): tfl.LayersModel {
  const model = tfl.sequential(options);
  try {
    model.add(tfl.layers.inputLayer({ inputShape: [...input], name: 'input' }));
    for (const layer of nodes.flatMap(stockLayers)) model.add(layer);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function graphModel({ input, nodes }: Graph, options: { readonly name?: string }): tfl.LayersModel {
  const image = tfl.input({ shape: [...input], name: 'input' });
  const values: tfl.SymbolicTensor[] = [];
  const made: (readonly StockLayer[])[] = [];
  for (const node of nodes) {
    const shared = made[node.weightsFrom];
    made.push(shared ?? stockLayers(node));
    const read = node.inputs.map((place) => (place === IMAGE ? image : values[place]!));
    const [first, ...rest] = made.at(-1)!;
    let value = first!.apply(read.length === 1 ? read[0]! : read) as tfl.SymbolicTensor;
    for (const layer of rest) value = layer.apply(value) as tfl.SymbolicTensor;
    values.push(value);
    // A layer of tfjs counts its uses, and a model that is disposed of takes one off: it would keep the weights of the others.
    shared?.forEach((layer) => layer.dispose());
  }
  return tfl.model({ inputs: image, outputs: values.at(-1)!, ...options });
}

function stockLayers({ op, layer, name, inputShapes }: Node): readonly StockLayer[] {
  const tools = { layers: tfl.layers, custom: customLayers, name, inputs: inputShapes };
  const made = op.stock(layer, tools);
  if (layer.frozen === true) for (const stock of made) stock.trainable = false;
  return made;
}
