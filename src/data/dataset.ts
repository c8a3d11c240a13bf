/** Labelled images: `pixels` holds `count` images of `height` x `width` x `channels` bytes (0 to 255), row by row. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) where it is absent; the channels of a pixel lie side by side. */
  readonly channels?: number;
  readonly pixels: Uint8Array;
  /** One label an image, 0 to classes - 1. */
  readonly labels: Uint8Array | Uint16Array;
}

/** Training and test images with what is needed to say which data a figure came from. */
export interface Dataset {
  readonly name: string;
  /** At most MOST_CLASSES. */
  readonly classes: number;
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** What `hashOf` says of the images and labels. */
  readonly sha256: string;
  /** Where it was found: a folder or "generated". */
  readonly source: string;
}

export const MOST_CLASSES = 65_536;

/** Bytes of one image. */
export function imageSize({
  height,
  width,
  channels = 1,
}: Omit<ImageSet, 'pixels' | 'labels' | 'count'>): number {
  return height * width * channels;
}

/** The images `from` (included) to `to` (excluded), sharing memory with `set`. */
export function slice(set: ImageSet, from: number, to: number): ImageSet {
  const size = imageSize(set);
  return {
    ...set,
    count: to - from,
    pixels: set.pixels.subarray(from * size, to * size),
    labels: set.labels.subarray(from, to),
  };
}

/** The images with these indices, in this order, in memory of their own. */
export function pick(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const size = imageSize(set);
  const pixels = new Uint8Array(indices.length * size);
  const labels = new Uint16Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!;
    pixels.set(set.pixels.subarray(from * size, (from + 1) * size), i * size);
    labels[i] = set.labels[from]!;
  }
  return { ...set, count: indices.length, pixels, labels };
}
