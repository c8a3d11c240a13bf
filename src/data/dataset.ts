/** Labelled grey images: `pixels` holds `count` images of `height` x `width` bytes (0 to 255), row by row. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  /** One label an image, 0 to classes - 1. */
  readonly labels: Uint8Array;
}

/** Training and test images with what is needed to say which data a figure came from. */
export interface Dataset {
  readonly name: string;
  readonly classes: number;
  readonly train: ImageSet;
  readonly test: ImageSet;
  /**
   * `combinedSha256` of four SHA-256, in the order train images, train labels, test images, test labels: of the
   * uncompressed files, or of the arrays when the data is generated.
   */
  readonly sha256: string;
  /** Where it was found: a folder or "generated". */
  readonly source: string;
}

/** The images `from` (included) to `to` (excluded), sharing memory with `set`. */
export function slice(set: ImageSet, from: number, to: number): ImageSet {
  const size = set.height * set.width;
  return {
    ...set,
    count: to - from,
    pixels: set.pixels.subarray(from * size, to * size),
    labels: set.labels.subarray(from, to),
  };
}

/** The images with these indices, in this order, in memory of their own. */
export function pick(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const size = set.height * set.width;
  const pixels = new Uint8Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!;
    pixels.set(set.pixels.subarray(from * size, (from + 1) * size), i * size);
    labels[i] = set.labels[from]!;
  }
  return { ...set, count: indices.length, pixels, labels };
}
