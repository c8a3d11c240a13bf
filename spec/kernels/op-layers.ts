import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { customLayers } from '../../src/model/custom/index.ts';
import { type LayerData, opOf as find } from '../../src/ops/index.ts';
import type { Op, Shape } from '../../src/ops/op.ts';

export type { Shape } from '../../src/ops/op.ts';

export function opOf(type: string): Op {
  const op = find(type);
  if (op === undefined) throw new Error(`there is no op ${type}`);
  return op;
}

/** Settings with their defaults. */
export function parsed(layer: LayerData): ReturnType<Op['schema']['parse']> {
  return opOf(layer.type).schema.parse(layer);
}

/** What the stock layers of a layer make of NHWC inputs, with these weights. */
export function stockForward(
  layer: ReturnType<typeof parsed>,
  shapes: readonly Shape[],
  images: number,
  inputs: readonly Float32Array[],
  weights: readonly Float32Array[],
): Float32Array {
  const op = opOf(layer.type);
  const described = op.weights?.(layer, shapes) ?? [];
  const made = op.stock(layer, { layers: tfl.layers, custom: customLayers, name: 'layer', inputs: shapes });
  const symbols = shapes.map((shape) => tfl.input({ shape: [...shape] }));
  let value: tfl.SymbolicTensor | tfl.SymbolicTensor[] = symbols.length === 1 ? symbols[0]! : symbols;
  for (const stock of made) value = stock.apply(value) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: symbols, outputs: value as tfl.SymbolicTensor });
  return tf.tidy(() => {
    const tensors = described.map(({ shape }, i) => tf.tensor(weights[i]!, [...shape]));
    const owner = made.find((stock) => stock.weights.length > 0);
    // The stock layer may give a weight another shape: those of a grouped norm, say.
    owner?.setWeights(tensors.map((tensor, i) => tf.reshape(tensor, owner.weights[i]!.shape as number[])));
    const xs = inputs.map((input, i) => tf.tensor(input, [images, ...shapes[i]!]));
    const result = model.predict(xs.length === 1 ? xs[0]! : xs) as tf.Tensor;
    return Float32Array.from(result.dataSync());
  });
}
