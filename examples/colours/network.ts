import * as tfl from '@tensorflow/tfjs-layers';
import type { Recipe } from 'codecodecode';
import { PATTERNS, SIDE } from './pictures.ts';

/** How it is trained: shown in the summary, and part of the run's fingerprint. */
export const RECIPE: Recipe = {
  epochs: 8,
  batch: 32,
  schedule: { type: 'oneCycle', peak: 0.1, epochs: 8 },
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.05,
  augmentation: { horizontalFlip: true, crop: 2 },
};
export const SEED = 1;

/** An own model out of stock tf.layers: a residual block of a depthwise and a 1x1 convolution between two plain ones. */
export function buildNetwork(): tfl.LayersModel {
  const image = tfl.input({ shape: [SIDE, SIDE, 3], name: 'picture' });
  const first = normalized(
    'first',
    tfl.layers.conv2d({ ...convolution('first', 3), filters: 12, strides: 2 }),
    image,
  );
  const depthwise = tfl.layers.depthwiseConv2d({
    name: 'depthwise',
    kernelSize: 3,
    padding: 'same',
    useBias: false,
  });
  const mixed = tfl.layers.conv2d({ ...convolution('mix', 1), filters: 12 });
  const inner = normalized('mix', mixed, normalized('depthwise', depthwise, first));
  const sum = tfl.layers.add({ name: 'sum' }).apply([first, inner]) as tfl.SymbolicTensor;
  const small = tfl.layers.maxPooling2d({ name: 'pool', poolSize: 2 }).apply(sum) as tfl.SymbolicTensor;
  const last = normalized('last', tfl.layers.conv2d({ ...convolution('last', 3), filters: 24 }), small);
  const mean = tfl.layers.globalAveragePooling2d({ name: 'mean' }).apply(last) as tfl.SymbolicTensor;
  const answer = tfl.layers.dense({ name: 'answer', units: PATTERNS.length, activation: 'softmax' });
  return tfl.model({ inputs: image, outputs: answer.apply(mean) as tfl.SymbolicTensor, name: 'colours' });
}

function convolution(name: string, kernelSize: number) {
  return { name, kernelSize, padding: 'same', useBias: false } as const;
}

/** A layer, batch norm and ReLU. */
function normalized(name: string, layer: tfl.layers.Layer, x: tfl.SymbolicTensor): tfl.SymbolicTensor {
  const norm = tfl.layers.batchNormalization({ name: `${name}_norm`, momentum: 0.9, epsilon: 1e-5 });
  const relu = tfl.layers.reLU({ name: `${name}_relu` });
  return relu.apply(norm.apply(layer.apply(x)) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
}
