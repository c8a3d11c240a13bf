/** Images side by side in a block, as `assembly/layout.ts` has it. */
export const LANES = 8;

/**
 * A batch is cut into up to this many parts whose sums are added in a fixed order: the number of threads (1 up to this)
 * changes who computes a part, never a bit of the result.
 */
export const SHARDS = 8;
