/** A convolution of stride 1 with a square kernel, as all of the iterations are. */
export interface ConvolutionShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filters: number;
  readonly kernel: number;
  /** Zeros before the first and after the last row and column. */
  readonly padding: number;
}

/** The loops of a training step over a convolution: forward, input gradient, filter gradient. */
const PASSES = 3;

/**
 * Floating-point operations of one image's forward convolution as it is written down: a multiplication and an addition
 * for every weight at every output, zeros of the padding included. Winograd's algorithm does fewer and is counted
 * as if it did all, so that figures can be compared; it may come out above the machine's peak.
 */
export function convolutionOperations(shape: ConvolutionShape): number {
  const { kernel, channels, filters, outHeight, outWidth } = shape;
  return 2 * kernel * kernel * channels * filters * outHeight * outWidth;
}

/** Of a training step on `images` images: three times the forward convolutions; nothing else is counted. */
export function stepOperations(links: readonly ConvolutionShape[], images: number): number {
  return PASSES * images * links.reduce((sum, link) => sum + convolutionOperations(link), 0);
}

/** Operations in `milliseconds` as GFLOP/s. */
export function gflops(operations: number, milliseconds: number): number {
  return operations / milliseconds / 1e6;
}

/** "12x12x8 > 10x10x19": what goes in and what comes out, height x width x channels. */
export function shapeName({
  height,
  width,
  channels,
  outHeight,
  outWidth,
  filters,
}: ConvolutionShape): string {
  return `${height}x${width}x${channels} > ${outHeight}x${outWidth}x${filters}`;
}
