/** Images side by side in a block, as `assembly/layout.ts` has it. */
export const LANES = 8;
