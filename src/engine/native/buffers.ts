import type { Buffer, Lanes, Later, Strided } from './emit.ts';
import { LANES } from './lanes.ts';

export const FLOAT_BYTES = 4;

/** The buffer of an operand. */
export function bufferOf({ at }: Strided): Buffer {
  if (at.kind !== 'address') throw new Error('an operand without a buffer');
  return at.buffer;
}

export function addressOf(buffer: Buffer): Later {
  return { kind: 'address', buffer, offset: 0 };
}

/** A new buffer for values of `shape` an image. */
export function lanesOf(shape: readonly number[]): Lanes {
  const buffer: Buffer = {
    per: 'block',
    bytes: shape.reduce((product, size) => product * size, LANES * FLOAT_BYTES),
  };
  return { shape, at: addressOf(buffer), stride: { kind: 'stride', buffer } };
}
