/**
 * Activations are [height][width][channels][8]: a block of eight images lies side by side, so that every channel
 * count is equally fast and a pixel's channels are one contiguous run.
 *
 * Innermost loops stand in functions of their own (`dots4`, `row4`, `wholeTile` ...), which are not inlined: V8 allocates
 * registers for a function as a whole, and several such loops in one cost each other a tenth to a third of their speed.
 */

/** Bytes of one channel of one pixel: eight images of four bytes. */
// @ts-ignore: decorator
@inline
export const LANES: usize = 32;

/** How many output channels the next tile takes: four where it can, three rather than leave one or two behind. */
// @ts-ignore: decorator
@inline
export function tileOf(left: i32): i32 {
  return left == 5 || left == 6 || left == 9 ? 3 : min(left, 4);
}
