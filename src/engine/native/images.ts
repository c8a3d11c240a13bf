import { FRACTION_BITS, type SourceMap } from '../../data/augment.ts';
import type { ImageSet } from '../../data/dataset.ts';
import { normalization } from '../../data/normalize.ts';
import { imageAddress, LANES, type Layout } from './layout.ts';
import type { Kernels } from './module.ts';

/** Lays image `index` of `set` and its label into place `image` of the batch, its pixels picked by `map`. */
export type LayImage = (image: number, set: ImageSet, index: number, map: SourceMap) => void;

/** The `LayImage` of one thread. */
export function imageLayer(
  memory: WebAssembly.Memory,
  layout: Layout,
  kernels: Kernels,
  thread: number,
): LayImage {
  const bytes = new Uint8Array(memory.buffer);
  const pixels = layout.pixels[thread]!;
  // Every thread writes the same values.
  new Float32Array(memory.buffer).set(normalization(), layout.table / 4);
  return (image, set, index, { fromX, fromY, cos, sin }) => {
    const { height, width } = set;
    const size = height * width;
    bytes.set(set.pixels.subarray(index * size, (index + 1) * size), pixels);
    const target = imageAddress(layout, image);
    kernels.layImage(pixels, height, width, fromX, fromY, cos, sin, FRACTION_BITS, layout.table, target);
    bytes[layout.labels + image] = set.labels[index]!;
  };
}

/** Lanes of a block without an image are 0, so that they add nothing to any sum. */
export function clearLanes(memory: WebAssembly.Memory, layout: Layout, block: number, live: number): void {
  if (live === LANES) return;
  const floats = new Float32Array(memory.buffer);
  const { height, width, channels } = layout.links[0]!.link;
  for (let lane = live; lane < LANES; lane++) {
    const at = imageAddress(layout, block * LANES + lane) / 4;
    for (let i = 0; i < height * width * channels; i++) floats[at + i * LANES] = 0;
  }
}
