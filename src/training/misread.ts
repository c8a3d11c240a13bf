import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { encode } from 'fast-png';
import { augmentInto } from '../data/augment.ts';
import { type ImageSet, imageSize, pick } from '../data/dataset.ts';
import { normalization, type PixelStatistics } from '../data/normalize.ts';
import type { Misread, OutputKind } from '../record.ts';

/** Enough to see what is hard, few enough for a page. */
export const MISREAD_MOST = 24;
/** Channels that a PNG holds: grey, or red, green and blue. */
const PNG_CHANNELS = [1, 3];

export interface MisreadRequest {
  readonly images: ImageSet;
  /** Of every image, as the model that is given reads it. */
  readonly predictions: ArrayLike<number>;
  readonly statistics: PixelStatistics;
  readonly output: OutputKind;
}

/**
 * The images that the model reads wrongly, the surest first and at most MISREAD_MOST, each as a picture with the probability that the
 * model gives its answer. They are run through the model once more, on tfjs' current backend. Empty where none is misread, and
 * where images have channels that a picture does not hold.
 */
export function misreadBy(
  model: LayersModel,
  { images, predictions, statistics, output }: MisreadRequest,
): Misread[] {
  const { height, width, channels = 1, labels } = images;
  const wrong = Array.from(predictions).flatMap((answer, i) => (answer === labels[i] ? [] : [i]));
  if (wrong.length === 0 || !PNG_CHANNELS.includes(channels)) return [];
  const set = pick(images, wrong);
  const probabilities = probabilitiesOf(model, set, { statistics, output });
  const size = imageSize(set);
  return wrong
    .map((index, i) => ({
      index,
      i,
      answer: predictions[index]!,
      sure: probabilities[i]![predictions[index]!]!,
    }))
    .toSorted((a, b) => b.sure - a.sure || a.index - b.index)
    .slice(0, MISREAD_MOST)
    .map(({ index, i, answer, sure }) => ({
      index,
      truth: labels[index]!,
      answer,
      confidence: sure,
      image: {
        width,
        height,
        png: pngOf(set.pixels.subarray(i * size, (i + 1) * size), width, height, channels),
      },
    }));
}

/** [image][class]; a row that is no probability (of a network that diverged) is all zeros. */
function probabilitiesOf(
  model: LayersModel,
  set: ImageSet,
  { statistics, output }: Pick<MisreadRequest, 'statistics' | 'output'>,
): number[][] {
  const { count, height, width, channels = 1 } = set;
  const size = imageSize(set);
  const table = normalization(statistics);
  const pixels = new Float32Array(count * size);
  for (let i = 0; i < count; i++) augmentInto(pixels, i * size, 1, set, i, undefined, 0, table);
  const rows = tf.tidy(() => {
    const given = model.predict(tf.tensor4d(pixels, [count, height, width, channels])) as tf.Tensor2D;
    return (output === 'probabilities' ? given : tf.softmax(given)).arraySync();
  });
  return rows.map((row) => (row.every((share) => share >= 0 && share <= 1) ? row : row.map(() => 0)));
}

function pngOf(pixels: Uint8Array, width: number, height: number, channels: number): string {
  const png = encode({ width, height, channels: channels as 1 | 3, depth: 8, data: pixels.slice() });
  return Buffer.from(png).toString('base64');
}
