import type { Emit, Lanes } from '../../engine/native/emit.ts';

/** Sizes of a map; a vector is a map of one position. */
export function mapOf({ shape }: Pick<Lanes, 'shape'>): {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
} {
  const [height, width, channels] = shape.length === 3 ? shape : [1, 1, shape[0]];
  return { height: height!, width: width!, channels: channels! };
}

/** Values of one image. */
export function floatsOf({ shape }: Pick<Lanes, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A buffer for a map that one kernel of an op leaves for another. */
export function mapBlock(emit: Emit, shape: readonly number[]): Lanes {
  return { ...emit.block(floatsOf({ shape })), shape };
}

/** Copies a value, or adds it to what is there. */
export function copyFields(from: Lanes, to: Lanes) {
  const floats = floatsOf(from);
  return {
    from: from.at,
    fromStride: from.stride,
    to: to.at,
    toStride: to.stride,
    pixels: 1,
    fromChannels: floats,
    fromFirst: 0,
    toChannels: floats,
    toFirst: 0,
    channels: floats,
  };
}
