import type { Chain, Link } from './chain.ts';
import { LANES } from './lanes.ts';
export { LANES } from './lanes.ts';
import { IMAGE_BYTES } from './images.ts';
import { FIRST_FREE_ADDRESS, type Kernels } from './module.ts';
import { SQUARES_BYTES, UPDATE_BYTES } from './update.ts';
import { bestSide, type Side } from './tile-side.ts';

/**
 * A batch is cut into this many parts whose sums are added in a fixed order: the number of threads (1 up to this)
 * changes who computes a part, never a bit of the result.
 */
export const SHARDS = 4;

/** Addresses of one link. Per block: z (before batch norm), its gradient, and out (after everything). */
export interface LinkLayout {
  readonly link: Link;
  readonly input: { readonly address: number; readonly blockBytes: number };
  readonly z: number;
  readonly zBlockBytes: number;
  readonly out: number;
  readonly outBlockBytes: number;
  readonly outPixels: number;
  /** Gradient of z; without pooling in the place of out, which nothing needs any more by then. */
  readonly g: number;
  /** Offsets (bytes) into weights, gradients, moments and averages. */
  readonly kernel: number;
  readonly gamma: number;
  readonly beta: number;
  /** Offsets (bytes) into the moving statistics and their averages. */
  readonly movingMean: number;
  readonly movingVariance: number;
  readonly mean: number;
  readonly inverse: number;
  readonly scale: number;
  readonly shift: number;
  readonly factors: number;
  /** f64 [SHARDS][channels][2], forward and backward. */
  readonly moments: number;
  readonly gradientMoments: number;
  readonly momentsBytes: number;
  readonly side: Side;
  /** Weights of a channel pair, as the kernels hold them: transformed ones, with Winograd's algorithm. */
  readonly taps: number;
  /** in x out, rounded up to four: floats of a plane of transformed weights. */
  readonly planeSize: number;
  readonly transformed: number;
  readonly turned: number;
  /** Sums of the filter gradient: [SHARDS][taps][in][out]. */
  readonly filterSums: number;
  readonly filterSumsBytes: number;
}

export interface Layout {
  readonly bytes: number;
  readonly batch: number;
  readonly blocks: number;
  readonly chain: Chain;
  readonly links: readonly LinkLayout[];
  /** u16, one an image. */
  readonly labels: number;
  readonly logits: number;
  readonly logitsBlockBytes: number;
  /** f64 [SHARDS][2]: loss and count of correct images. */
  readonly tally: number;
  /** Flat arrays of `weightFloats` and `movingFloats` floats, padded to whole vectors. */
  readonly weights: number;
  readonly gradients: number;
  readonly first: number;
  readonly second: number;
  /** Weight decay of every weight. */
  readonly decays: number;
  readonly averages: number;
  readonly weightFloats: number;
  /** What the update is told, and its sums. */
  readonly update: number;
  readonly squares: number;
  readonly moving: number;
  readonly movingAverages: number;
  readonly movingFloats: number;
  /** One a thread: for a convolution's transforms, and for the gradient of a block of one link's out. */
  readonly scratch: readonly number[];
  readonly outGradient: readonly number[];
  /** What bytes become, f32 [channels][256]; one a thread: the bytes of an image, its own table, what the kernel is told. */
  readonly table: number;
  readonly pixels: readonly number[];
  readonly ownTables: readonly number[];
  readonly imageDescriptors: readonly number[];
  /** Where threads meet: between phases, and before an order. */
  readonly meeting: number;
  readonly start: number;
  /** f64 words through which the first thread tells the others what to do. */
  readonly order: number;
  /** u32 [batch]: which training images the step is about. */
  readonly indices: number;
}

/**
 * Where everything lies for `chain` at up to `batch` images: equal for every thread that asks. `sideOf` chooses how each
 * link is convolved.
 */
export function layOut(
  chain: Chain,
  batch: number,
  kernels: Kernels,
  sideOf: (link: Link) => Side = bestSide,
): Layout {
  let next = FIRST_FREE_ADDRESS;
  const take = (bytes: number) => {
    const address = next;
    // A cache line and a bit apart: arrays of a power of two would share cache sets.
    next += Math.ceil(bytes / 64) * 64 + 64;
    return address;
  };
  const blocks = Math.ceil(batch / LANES);
  const perBlock = (floats: number) => floats * LANES * 4;

  let weightFloats = 0;
  let movingFloats = 0;
  const piece = (floats: number) => {
    const offset = weightFloats * 4;
    weightFloats += Math.ceil(floats / 4) * 4;
    return offset;
  };
  const movingPiece = (floats: number) => {
    const offset = movingFloats * 4;
    movingFloats += Math.ceil(floats / 4) * 4;
    return offset;
  };

  const firstLink = chain.links[0]!;
  const imageBytes = perBlock(firstLink.height * firstLink.width * firstLink.channels);
  let input = { address: take(blocks * imageBytes), blockBytes: imageBytes };
  let scratchBytes = 0;
  let outGradientBytes = 0;
  const links = chain.links.map((link, index): LinkLayout => {
    const { channels, filters, outHeight, outWidth, kernel } = link;
    const side = sideOf(link);
    const taps = side > 0 ? (side + 2) ** 2 : kernel * kernel;
    const planeSize = Math.ceil((channels * filters) / 4) * 4;
    if (side > 0) {
      const bytes = kernels.winogradScratch(side, outHeight, outWidth, channels, filters);
      scratchBytes = Math.max(scratchBytes, bytes);
    }
    const zBlockBytes = perBlock(outHeight * outWidth * filters);
    const outPixels = link.pool ? (outHeight >> 1) * (outWidth >> 1) : outHeight * outWidth;
    const outBlockBytes = perBlock(outPixels * filters);
    const isLast = index === chain.links.length - 1;
    const z = take(blocks * zBlockBytes);
    const out = isLast ? z : take(blocks * outBlockBytes);
    outGradientBytes = Math.max(outGradientBytes, outBlockBytes);
    const perChannel = () => take(filters * 4);
    // A cache line more than it holds: the kernels write back what stands behind it.
    const filterSumsBytes = Math.ceil((taps * channels * filters * 4) / 64) * 64 + 64;
    const layout: LinkLayout = {
      link,
      input,
      z,
      zBlockBytes,
      out,
      outBlockBytes,
      outPixels,
      g: isLast || link.pool ? take(blocks * zBlockBytes) : out,
      kernel: piece(kernel * kernel * channels * filters),
      gamma: isLast ? 0 : piece(filters),
      beta: isLast ? 0 : piece(filters),
      movingMean: isLast ? 0 : movingPiece(filters),
      movingVariance: isLast ? 0 : movingPiece(filters),
      mean: perChannel(),
      inverse: perChannel(),
      scale: perChannel(),
      shift: perChannel(),
      factors: take(filters * 12),
      moments: take(SHARDS * filters * 16),
      gradientMoments: take(SHARDS * filters * 16),
      momentsBytes: filters * 16,
      side,
      taps,
      planeSize,
      transformed: take(taps * planeSize * 4),
      turned: take(taps * planeSize * 4),
      filterSums: take(SHARDS * filterSumsBytes),
      filterSumsBytes,
    };
    input = { address: layout.out, blockBytes: outBlockBytes };
    return layout;
  });
  const logitsBlockBytes = perBlock(chain.classes);
  const result = {
    batch,
    blocks,
    chain,
    links,
    labels: take(blocks * LANES * 2),
    logits: take(blocks * logitsBlockBytes),
    logitsBlockBytes,
    tally: take(SHARDS * 16),
    weightFloats,
    movingFloats,
    weights: take(weightFloats * 4 + 64),
    gradients: take(weightFloats * 4 + 64),
    first: take(weightFloats * 4 + 64),
    second: take(weightFloats * 4 + 64),
    decays: take(weightFloats * 4 + 64),
    averages: take(weightFloats * 4 + 64),
    update: take(UPDATE_BYTES),
    squares: take(SQUARES_BYTES),
    moving: take(movingFloats * 4),
    movingAverages: take(movingFloats * 4),
    scratch: Array.from({ length: SHARDS }, () => take(scratchBytes)),
    outGradient: Array.from({ length: SHARDS }, () => take(outGradientBytes)),
    pixels: Array.from({ length: SHARDS }, () => take(imageBytes / LANES / 4)),
    table: take(firstLink.channels * 1024),
    ownTables: Array.from({ length: SHARDS }, () => take(firstLink.channels * 1024)),
    imageDescriptors: Array.from({ length: SHARDS }, () => take(IMAGE_BYTES)),
    meeting: take(64),
    start: take(64),
    order: take(256),
    indices: take(blocks * LANES * 4),
  };
  return { ...result, bytes: next };
}

/** Address of the first value of an image of the batch; its values lie LANES floats apart. */
export function imageAddress(layout: Layout, image: number): number {
  const { address, blockBytes } = layout.links[0]!.input;
  return address + Math.floor(image / LANES) * blockBytes + (image % LANES) * 4;
}
