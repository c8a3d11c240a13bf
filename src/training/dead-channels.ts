import * as tf from '@tensorflow/tfjs-core';
import { model as modelOf } from '@tensorflow/tfjs-layers';
import type { layers as stock, LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { augmentInto } from '../data/augment.ts';
import { type ImageSet, imageSize, slice } from '../data/dataset.ts';
import { normalization, type PixelStatistics } from '../data/normalize.ts';
import type { DeadChannels } from '../record.ts';

/** Enough that a channel which is 0 on all of them is of no use, few enough to take a fraction of a second. */
const IMAGES = 500;

/** As `deadChannelsOf`, over the first images of `set`, normalized by `statistics`. */
export function deadChannelsOn(model: LayersModel, set: ImageSet, statistics: PixelStatistics): DeadChannels {
  const images = slice(set, 0, Math.min(IMAGES, set.count));
  const { count, height, width, channels = 1 } = images;
  const size = imageSize(images);
  const pixels = new Float32Array(count * size);
  const table = normalization(statistics);
  for (let i = 0; i < count; i++) augmentInto(pixels, i * size, 1, images, i, undefined, 0, table);
  const x = tf.tensor4d(pixels, [count, height, width, channels]);
  try {
    return deadChannelsOf(model, x);
  } finally {
    x.dispose();
  }
}

/**
 * Channels that carry nothing: after a non-linearity, or at the model's output, the same value at every position of
 * every input of `x` [batch, ...]. A channel whose ReLU never opens is one, and so is one whose kernel is all zeros.
 */
export function deadChannelsOf(model: LayersModel, x: tf.Tensor): DeadChannels {
  const watched = model.layers.filter((layer) => isWatched(layer, model));
  const probe = modelOf({
    inputs: model.inputs,
    outputs: watched.map((layer) => layer.output as SymbolicTensor),
  });
  // The probe shares the model's weights and has none of its own: it is left to the garbage collector, not disposed.
  return tf.tidy(() => {
    const outputs = [probe.predictOnBatch(x)].flat();
    const constant = outputs.map((output) => {
      const channels = output.shape.at(-1)!;
      const flat = tf.reshape(output, [-1, channels]);
      return tf.equal(tf.max(flat, 0), tf.min(flat, 0)).dataSync();
    });
    return {
      images: x.shape[0]!,
      channels: constant.reduce((sum, flags) => sum + flags.length, 0),
      dead: constant.flatMap((flags, i) =>
        [...flags].flatMap((flag, channel) => (flag ? [`${watched[i]!.name}[${channel}]`] : [])),
      ),
    };
  });
}

const NON_LINEARITIES = new Set(['Activation', 'ELU', 'LeakyReLU', 'PReLU', 'ReLU', 'ThresholdedReLU']);

/** Where a channel has its final value: non-linearities, layers with one of their own, and the model's output. */
function isWatched(layer: stock.Layer, model: LayersModel): boolean {
  if (model.outputs.some((output) => output.sourceLayer === layer)) return true;
  if (NON_LINEARITIES.has(layer.getClassName())) return true;
  const activation = layer.getConfig()['activation'];
  return activation !== undefined && activation !== 'linear';
}
