import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { GateError, messageOf } from '../errors.ts';
import { decodeImages, decodeLabels } from './idx.ts';
import type { IdxOrigin } from './idx.ts';
import { MNIST_CLASSES, MNIST_SIDE } from './mnist-files.ts';
import type { MnistFile } from './mnist-files.ts';
import { sha256Of } from './sha256.ts';

/** What is left of a file once it is known to be right: its pixels or labels, without the header. */
export interface VerifiedFile {
  readonly path: string;
  readonly name: string;
  /** Length of the uncompressed file. */
  readonly bytes: number;
  readonly sha256: string;
  readonly values: Uint8Array;
}

/**
 * Uncompresses (whatever the file's name says: some servers and browsers unpack on the way) and checks `stored`.
 * The header comes before the hash, because "wrong count" tells a reader more than "wrong hash".
 */
export async function verifyMnistFile(
  stored: Uint8Array,
  file: MnistFile,
  origin: IdxOrigin,
): Promise<VerifiedFile> {
  const bytes = isGzip(stored) ? await uncompress(stored, file, origin) : stored;
  const values = decode(bytes, file, origin);
  const sha256 = sha256Of(bytes);
  if (sha256 !== file.sha256) {
    throw new GateError(
      `${origin.file} is not the ${file.name} of MNIST: expected SHA-256 ${file.sha256} (uncompressed), ` +
        `found ${sha256}. ${origin.remedy}`,
    );
  }
  return { path: origin.file, name: file.name, bytes: bytes.length, sha256, values };
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function decode(bytes: Uint8Array, file: MnistFile, origin: IdxOrigin): Uint8Array {
  const { count } = file;
  return file.type === 'images'
    ? decodeImages(bytes, { count, height: MNIST_SIDE, width: MNIST_SIDE }, origin).pixels
    : decodeLabels(bytes, { count, classes: MNIST_CLASSES }, origin);
}

async function uncompress(stored: Uint8Array, file: MnistFile, origin: IdxOrigin): Promise<Uint8Array> {
  const length = file.type === 'images' ? 16 + file.count * MNIST_SIDE * MNIST_SIDE : 8 + file.count;
  try {
    // One byte more than there should be: a longer file is told by its count, an endless one does not fill the memory.
    // In one piece: put together from thousands, it takes three times as long.
    const limit = length + 1;
    return await promisify(gunzip)(stored, {
      maxOutputLength: limit,
      chunkSize: Math.max(constants.Z_MIN_CHUNK, limit),
    });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new GateError(
      `${origin.file} is not a whole gzip file of ${file.name}: expected ${length} bytes when uncompressed, ` +
        `found ${tooLong ? 'more' : `"${messageOf(error)}" after ${stored.length} compressed bytes`}. ${origin.remedy}`,
    );
  }
}
