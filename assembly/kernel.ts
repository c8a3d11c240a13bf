/**
 * A kernel that works for an op is given one descriptor: an `@unmanaged` class whose fields hold addresses, strides and sizes. Two kinds of
 * signature say when it runs:
 *
 *   (d: Descriptor, block: i32, live: i32, shard: i32, thread: i32): void   for each block of eight images, of which `live` exist
 *   (d: Descriptor, thread: i32, threads: i32): void                        once, by every thread, each its part
 *
 * Of an operand `x` that lies in blocks (or shards) a descriptor has two fields: `x`, the address of the first, and `xStride`, the bytes from
 * one to the next. Lanes of a block from `live` on are 0, in values as in gradients: what sums over a block takes all eight. A kernel that
 * makes something else of 0 therefore masks them. `npm run build:kernels` writes the TypeScript side of all exports and descriptors:
 * `src/engine/native/bindings.ts`.
 */

/** Block (or shard) number `index` of what begins at `first`. */
// @ts-ignore: decorator
@inline
export function placeOf(first: usize, stride: i32, index: i32): usize {
  return first + <usize>stride * <usize>index;
}
