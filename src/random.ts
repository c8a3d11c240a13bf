/**
 * Counter-based random numbers: a value depends only on (seed, stream, counter), never on how many were drawn
 * before. Any part of a run can thus be computed anew, on any backend and any number of threads, with the same bits.
 * The mixing function is Chris Wellons' `lowbias32` (https://nullprogram.com/blog/2018/07/31/), as in
 * `assembly/random.ts`, which draws the dropout masks.
 */

/** One stream for each use of randomness, so that no two uses share numbers. */
export const Stream = { weights: 1, shuffle: 2, augment: 3, dropout: 4, digits: 5, split: 6 } as const;
export type Stream = (typeof Stream)[keyof typeof Stream];

/** Mixes 32 bits into 32 bits, a bijection. */
export function mix(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A 32-bit key for a sequence of integers (seed, stream, epoch, image, ...). */
export function keyOf(...parts: readonly number[]): number {
  return parts.reduce(extendKey, 0x6a09e667);
}

/** The key of a sequence that goes on with `part`: extendKey(keyOf(1, 2), 3) is keyOf(1, 2, 3). */
export function extendKey(key: number, part: number): number {
  return mix(mix(part) ^ Math.imul(key, 0x9e3779b1));
}

/** 32 uniform bits, number `counter` of the sequence named by `key`. */
export function randomBits(key: number, counter: number): number {
  return mix(mix(counter ^ key) + key);
}

/** Uniform in [0, 1), number `counter` of the sequence named by `key`. */
export function uniform(key: number, counter: number): number {
  return randomBits(key, counter) / 0x1_0000_0000;
}

/** The integers 0 .. length - 1 in an order that depends only on `key` (Fisher-Yates). */
export function permutation(key: number, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(uniform(key, i) * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}

/** An element of a mask is kept where its `dropoutBits` are at or above this: the rate is rounded down to 1/65,536. */
export function dropoutThreshold(rate: number): number {
  return Math.floor(rate * 0x1_0000);
}
