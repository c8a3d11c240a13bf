import { cutoutOf, FRACTION_BITS, sourceMap, tableOf } from '../../data/augment.ts';
import { type ImageSet, imageSize } from '../../data/dataset.ts';
import type { Augmentation } from '../../recipe/augmentation.ts';
import { LANES } from './lanes.ts';
import type { Kernels } from './module.ts';

/** Where a thread lays images from, and where to. */
export interface ImagePlaces {
  /** IMAGE_BYTES: what the kernel is told. */
  readonly descriptor: number;
  /** The bytes of one image. */
  readonly pixels: number;
  /** f32 [channels][256] each: of all images, and of one whose brightness or contrast is changed. */
  readonly table: number;
  readonly ownTable: number;
  /** u16, one an image of the batch. */
  readonly labels: number;
  /** Address of the first value of an image of the batch; its values lie LANES floats apart. */
  address(image: number): number;
}

export const IMAGE_BYTES = 80;

/** Lays image `index` of `set` and its label into place `image` of the batch, changed as `augmentation` and `key` say. */
export type LayImage = (
  image: number,
  set: ImageSet,
  index: number,
  augmentation?: Augmentation,
  key?: number,
) => void;

/** The `LayImage` of one thread; `table` is what bytes become (see `normalization`). */
export function imageLayer(
  memory: WebAssembly.Memory,
  places: ImagePlaces,
  kernels: Pick<Kernels, 'layImage'>,
  table: Float32Array,
): LayImage {
  const bytes = new Uint8Array(memory.buffer);
  const labels = new Uint16Array(memory.buffer);
  const descriptor = new Int32Array(memory.buffer, places.descriptor, IMAGE_BYTES / 4);
  const own = new Float32Array(memory.buffer, places.ownTable, table.length);
  // Every thread writes the same values.
  new Float32Array(memory.buffer).set(table, places.table / 4);
  return (image, set, index, augmentation, key = 0) => {
    const { height, width, channels = 1 } = set;
    const size = imageSize(set);
    const map = sourceMap(set, augmentation, key);
    const { left, top, size: cut } = cutoutOf(set, augmentation, key) ?? { left: 0, top: 0, size: 0 };
    const changed = tableOf(set, index, augmentation, key, table, own) === own;
    bytes.set(set.pixels.subarray(index * size, (index + 1) * size), places.pixels);
    const values = [
      places.pixels,
      height,
      width,
      channels,
      map.fromX,
      map.fromY,
      map.acrossX,
      map.acrossY,
      map.downX,
      map.downY,
      FRACTION_BITS,
      changed ? places.ownTable : places.table,
      places.table,
      places.address(image),
      left,
      top,
      cut,
    ];
    // The fields of `Image` in assembly/images.ts, in order. One by one: a typed array takes its time to read a list.
    for (let i = 0; i < values.length; i++) descriptor[i] = values[i]!;
    kernels.layImage(places.descriptor);
    labels[places.labels / 2 + image] = set.labels[index]!;
  };
}

/** Lanes of a block without an image are 0, so that they add nothing to any sum: of the images `from` up to the block's end. */
export function clearLanes(
  memory: WebAssembly.Memory,
  address: ImagePlaces['address'],
  from: number,
  values: number,
): void {
  if (from % LANES === 0) return;
  const floats = new Float32Array(memory.buffer);
  for (let image = from; image % LANES !== 0; image++) {
    const at = address(image) / 4;
    for (let i = 0; i < values; i++) floats[at + i * LANES] = 0;
  }
}
