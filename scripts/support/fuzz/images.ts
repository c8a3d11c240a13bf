import { encode } from 'fast-png';
import { parseNpy } from '../../../src/formats/npy.ts';
import { parsePng } from '../../../src/formats/png.ts';
import { npyOf } from '../../../spec/support/npy.ts';
import { kindOf } from './kind.ts';
import { nearBytes } from './mutations.ts';

/** Images of other people's data sets. */

const PIXELS = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);

const npy = kindOf(
  'NumPy arrays',
  nearBytes(npyOf([2, 4, 3], PIXELS)),
  (bytes) => parseNpy(bytes, 'x.npy'),
  // A changed header may say the same bytes in other sizes and types: all of them are read, none is made up.
  ({ dims, values: { buffer, byteOffset, byteLength, length } }, bytes) =>
    dims.reduce((product, size) => product * size, 1) === length &&
    Buffer.from(buffer, byteOffset, byteLength).equals(bytes.subarray(bytes.length - byteLength)),
);

const png = kindOf(
  'PNG images',
  nearBytes(encode({ width: 4, height: 2, channels: 3, data: PIXELS })),
  (bytes) => parsePng(bytes, 'x.png'),
  // Every part of it has a checksum.
  ({ width, height, channels, pixels }) =>
    width === 4 && height === 2 && channels === 3 && Buffer.from(pixels).equals(PIXELS),
);

export const IMAGES = [npy, png];
