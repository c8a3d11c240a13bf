import { Stream, keyOf, permutation } from '../random.ts';

/** The order in which an epoch visits `count` images: depends on the seed and the epoch alone. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return permutation(keyOf(seed, Stream.shuffle, epoch), count);
}
