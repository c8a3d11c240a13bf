import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { augmentInto } from '../data/augment.ts';
import { type ImageSet, imageSize, slice } from '../data/dataset.ts';
import { normalization, type PixelStatistics } from '../data/normalize.ts';
import type { Application } from '../model/applications.ts';
import { visitOutputs } from '../model/outputs.ts';
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
 * every input of `x` [batch, ...]. A channel whose ReLU never opens is one, and so is one whose kernel is all zeros. Each use
 * of a layer is looked at, within models inside the model, too.
 */
export function deadChannelsOf(model: LayersModel, x: tf.Tensor): DeadChannels {
  const dead: string[] = [];
  let channels = 0;
  const layouts = new Map<number, unknown>();
  visitOutputs(model, x, ({ application, value, isLast }) => {
    const layout = application.layer.getConfig()['dataFormat'] ?? layouts.get(application.inputs[0]!.of);
    layouts.set(application.index, layout);
    if (!isLast && !isNonLinear(application)) return;
    const flags = constantChannels(value, layout === 'channelsFirst' ? 1 : value.rank - 1);
    channels += flags.length;
    dead.push(...flags.flatMap((flag, channel) => (flag ? [`${application.name}[${channel}]`] : [])));
  });
  return { images: x.shape[0]!, channels, dead };
}

/** Of each channel, whether all its values are one. Most channels have two within a few positions, and nothing more is read of them. */
function constantChannels(value: tf.Tensor, axis: number): boolean[] {
  const values = value.dataSync();
  const count = value.shape[axis]!;
  const stride = value.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const isConstant = (channel: number) => {
    const start = channel * stride;
    for (let from = start; from < values.length; from += count * stride) {
      for (let at = from; at < from + stride; at++) if (values[at] !== values[start]) return false;
    }
    return true;
  };
  return Array.from({ length: count }, (_, channel) => isConstant(channel));
}

const NON_LINEARITIES = new Set([
  'Activation',
  'ELU',
  'LeakyReLU',
  'Pointwise',
  'PReLU',
  'ReLU',
  'ThresholdedReLU',
]);

/** Where a channel has its final value: non-linearities, and layers with one of their own. */
function isNonLinear({ layer }: Application): boolean {
  if (NON_LINEARITIES.has(layer.getClassName())) return true;
  const activation = layer.getConfig()['activation'];
  return activation !== undefined && activation !== 'linear';
}
