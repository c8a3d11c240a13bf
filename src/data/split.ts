import { GateError } from '../errors.ts';
import { keyOf, permutation, Stream } from '../random.ts';
import { type ImageSet, pick } from './dataset.ts';

export interface Split {
  /** Indices of the images to train on. */
  readonly trained: Uint32Array;
  /** Absent: all are trained on. */
  readonly validation?: ImageSet;
}

/** Sets `images` images of `set` apart, drawn by the seed. Throws GateError where that leaves none to train on. */
export function splitOf(set: ImageSet, images: number, seed: number): Split {
  if (images === 0) return { trained: Uint32Array.from({ length: set.count }, (_, i) => i) };
  if (images >= set.count) {
    throw new GateError(
      `The recipe sets ${images} images apart for validation, but there are ${set.count} training images. Set fewer apart.`,
    );
  }
  const order = permutation(keyOf(seed, Stream.split), set.count);
  return { trained: order.slice(images), validation: pick(set, order.slice(0, images)) };
}
