import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { fusedBatchNorm, relu } from './operations.ts';

/**
 * What `layer.apply(x, { training: true })` gives, its weights' gradients and moving statistics included, out of
 * TensorFlow's own kernels; undefined for a layer that gains nothing by it. The current backend must be 'tensorflow'.
 */
export function applyFused(layer: layers.Layer, x: tf.Tensor): tf.Tensor | undefined {
  const config = layer.getConfig();
  switch (layer.getClassName()) {
    case 'Conv2D':
      return isPlainConvolution(config) ? convolve(layer, x as tf.Tensor4D, config) : undefined;
    case 'BatchNormalization':
      return isPlainBatchNorm(config, x) ? batchNorm(layer, x as tf.Tensor4D, config) : undefined;
    case 'ReLU':
      return (config['maxValue'] ?? undefined) === undefined ? relu(x) : undefined;
    default:
      return undefined;
  }
}

type Config = Readonly<Record<string, unknown>>;

function isPlainConvolution(config: Config): boolean {
  return !config['useBias'] && config['activation'] === 'linear' && config['dataFormat'] !== 'channelsFirst';
}

/** tf.layers' convolution takes the gradient of its input even where nobody asks: the images of the first layer. */
function convolve(layer: layers.Layer, x: tf.Tensor4D, config: Config): tf.Tensor {
  const [kernel] = layer.weights.map(variableOf);
  return tf.conv2d(
    x,
    kernel as tf.Variable<tf.Rank.R4>,
    config['strides'] as [number, number],
    config['padding'] as 'valid' | 'same',
    'NHWC',
    config['dilationRate'] as [number, number],
  );
}

function isPlainBatchNorm(config: Config, x: tf.Tensor): boolean {
  const lastAxis = config['axis'] === -1 || config['axis'] === 3;
  return x.rank === 4 && lastAxis && Boolean(config['scale']) && Boolean(config['center']);
}

function batchNorm(layer: layers.Layer, x: tf.Tensor4D, config: Config): tf.Tensor {
  const [scale, offset, movingMean, movingVariance] = layer.weights.map(variableOf) as [
    tf.Variable<tf.Rank.R1>,
    tf.Variable<tf.Rank.R1>,
    tf.Variable,
    tf.Variable,
  ];
  const share = 1 - (config['momentum'] as number);
  return fusedBatchNorm(x, scale, offset, config['epsilon'] as number, (mean, variance) => {
    follow(movingMean, mean, share);
    follow(movingVariance, variance, share);
  });
}

/** moving = moving - (moving - value) x share, rounded as tf.layers does it. */
function follow(moving: tf.Variable, value: tf.Tensor, share: number): void {
  moving.assign(tf.sub(moving, tf.mul(tf.sub(moving, value), share)));
}

/** tf.layers keeps the tf.Variable of a weight to itself; gradients are taken by it. */
export function variableOf(weight: layers.Layer['weights'][number]): tf.Variable {
  return (weight as unknown as { val: tf.Variable }).val;
}
