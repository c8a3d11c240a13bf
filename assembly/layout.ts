/**
 * Activations are [height][width][channels][8]: a block of eight images lies side by side, so that every channel
 * count is equally fast and a pixel's channels are one contiguous run.
 *
 * The steps of a Winograd tile and a row of the direct convolution stand in functions of their own, which are not inlined:
 * V8 allocates registers for a function as a whole, and several such loops in one cost each other up to a third of their
 * speed.
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

/**
 * Types that stand for a number or a choice: a generic function is compiled once for each of them, so that it knows at
 * compile time what an argument would tell it in every turn of its loop.
 */
export type Tile1 = i8;
export type Tile2 = i16;
export type Tile3 = f32;
export type Tile4 = i32;
export type Yes = i32;
export type No = f32;

/** The number that `Tile` stands for. */
// @ts-ignore: decorator
@inline
export function sizeOfTile<Tile>(): i32 {
  return isFloat<Tile>() ? 3 : <i32>sizeof<Tile>();
}

// @ts-ignore: decorator
@inline
export function isYes<Choice>(): bool {
  return isInteger<Choice>();
}
