import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { augmentInto } from '../data/augment.ts';
import type { ImageSet } from '../data/dataset.ts';
import { normalization } from '../data/normalize.ts';
import { findIteration } from '../iterations/index.ts';
import { buildModel } from '../model/build.ts';
import type { RunRecord } from '../record.ts';
import { readWeights } from '../training/store.ts';
import { setWeightsFromBytes } from '../training/weights-file.ts';

/** A convolution's output of so many images fits the cache of a processor. */
const BATCH = 250;

/** What stock tfjs on the current backend answers with a record's weights: [images x classes], row by row. */
export function logitsOfRecord(record: RunRecord, folder: string, set: ImageSet): Float32Array {
  const model = buildModel(findIteration(record.id).network);
  try {
    setWeightsFromBytes(model, readWeights(folder, record), record.weights.file);
    return logitsOf(model, set);
  } finally {
    model.dispose();
  }
}

/** How many rows have their largest value at the image's label; of equal ones the first counts. */
export function countCorrect(logits: Float32Array, { count, labels }: ImageSet): number {
  const classes = logits.length / count;
  return labels.subarray(0, count).filter((label, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  }).length;
}

/** The largest difference of two values at the same place, of as many as both have. */
export function furthest(a: Float32Array, b: Float32Array): number {
  const length = Math.min(a.length, b.length);
  return a.subarray(0, length).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function logitsOf(model: LayersModel, set: ImageSet): Float32Array {
  const { count, height, width } = set;
  const size = height * width;
  const table = normalization();
  const parts: Float32Array[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const batch = Math.min(BATCH, count - from);
    const pixels = new Float32Array(batch * size);
    for (let i = 0; i < batch; i++) augmentInto(pixels, i * size, 1, set, from + i, undefined, 0, table);
    const values = tf.tidy(() => {
      const images = tf.tensor4d(pixels, [batch, height, width, 1]);
      return (model.predictOnBatch(images) as tf.Tensor).dataSync();
    });
    parts.push(Float32Array.from(values));
  }
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
