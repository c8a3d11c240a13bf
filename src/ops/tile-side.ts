/** Outputs along a side of a tile of Winograd's algorithm; 0: the convolution is done as it is written down. */
export type Side = 0 | 2 | 4;

export interface SquareConvolution {
  readonly kernel: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/**
 * Larger tiles take fewer multiplications, but longer transforms and, for the filter gradient, more sums: they pay where
 * they save more than a third of the multiplications and an image has several of them. `npm run bench` measures both.
 */
export function bestSide({ kernel, channels, outHeight, outWidth }: SquareConvolution): Side {
  if (kernel !== 3 || channels <= 2) return 0;
  const tiles = (side: number) => Math.ceil(outHeight / side) * Math.ceil(outWidth / side);
  const multiplications = (side: number) => tiles(side) * (side + 2) ** 2;
  return tiles(4) > 1 && multiplications(4) < (2 / 3) * multiplications(2) ? 4 : 2;
}
