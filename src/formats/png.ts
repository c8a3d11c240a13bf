import { inflateSync } from 'node:zlib';
import { convertIndexedToRgb, decode } from 'fast-png';
import { messageOf } from '../errors.ts';
import { damaged, MEBIBYTE } from './bounded-file.ts';

/** An image as bytes from 0 to 255, row by row, the channels of a pixel side by side. */
export interface PngImage {
  readonly height: number;
  readonly width: number;
  /** Grey or red, green, blue. */
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

export const PNG_MOST_BYTES = 16 * MEBIBYTE;
const WHAT = 'a PNG image';
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** A chunk: its length, its type, the data, a checksum. Sizes in bytes. */
const LENGTH = 4;
const TYPE = 4;
const CHECKSUM = 4;
const HEADER_DATA = SIGNATURE.length + LENGTH + TYPE;
const HEADER_END = HEADER_DATA + 13 + CHECKSUM;
/** What an image consists of; profiles, texts and animations are left out. */
const PARTS = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND']);

/** Values a pixel, by the types of colour that are read. */
const COLOURS: Readonly<Record<number, { readonly name: string; readonly values: number }>> = {
  0: { name: 'grey', values: 1 },
  2: { name: 'RGB', values: 3 },
  3: { name: 'palette', values: 1 },
};

/**
 * Reads a PNG image: grey or RGB of 8 bits, or with a palette, which becomes RGB. Its pixels are unpacked up to the size that its
 * header gives and no further. Throws GateError for bytes that are none, and for other kinds.
 */
export function parsePng(bytes: Uint8Array, file: string): PngImage {
  const wrong = (expected: string, found: unknown, remedy?: string) =>
    damaged(file, WHAT, expected, found, remedy);
  if (bytes.length < HEADER_END || SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw wrong('a file that begins as PNG files do', 'other bytes');
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset + HEADER_DATA, 13);
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const [depth, colour, interlace] = [header.getUint8(8), header.getUint8(9), header.getUint8(12)];
  const { name, values } = COLOURS[colour] ?? { name: 'with transparency', values: 0 };
  if (values === 0 || interlace !== 0 || (depth !== 8 && !(name === 'palette' && depth < 8))) {
    throw wrong(
      'grey or RGB of 8 bits, not interlaced',
      `${name} of ${depth} bits${interlace === 0 ? '' : ', interlaced'}`,
      "Convert it: Image.open(...).convert('L') or .convert('RGB').",
    );
  }
  // Each row begins with the number of its filter.
  const size = height * (1 + Math.ceil((width * values * depth) / 8));
  if (width * height === 0 || size > PNG_MOST_BYTES || 3 * width * height > PNG_MOST_BYTES) {
    throw wrong('1 byte to 16 MiB of pixels', `${width} x ${height}`, 'Scale the images.');
  }
  const chunks = chunksOf(bytes, wrong).filter(({ type }) => PARTS.has(type));
  checkUnpacked(
    Buffer.concat(chunks.flatMap(({ type, data }) => (type === 'IDAT' ? [data] : []))),
    size,
    wrong,
  );
  try {
    const image = decode(Buffer.concat([Uint8Array.from(SIGNATURE), ...chunks.map(({ whole }) => whole)]), {
      checkCrc: true,
    });
    return name === 'palette'
      ? { height, width, channels: 3, pixels: convertIndexedToRgb(image) }
      : { height, width, channels: values as 1 | 3, pixels: Uint8Array.from(image.data) };
  } catch (error) {
    throw wrong('pixels that can be decoded', messageOf(error));
  }
}

type Wrong = (expected: string, found: unknown) => Error;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
}

function chunksOf(bytes: Uint8Array, wrong: Wrong): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  let at = SIGNATURE.length;
  while (chunks.at(-1)?.type !== 'IEND') {
    const from = at + LENGTH + TYPE;
    const end = from + CHECKSUM + (from <= bytes.length ? view.getUint32(at) : 0);
    if (end > bytes.length) throw wrong('whole chunks up to its end', `${bytes.length} bytes`);
    const type = new TextDecoder('latin1').decode(bytes.subarray(at + LENGTH, from));
    // The decoder would believe a second one.
    if ((type === 'IHDR') !== (chunks.length === 0)) throw wrong('one header, first of all', type);
    chunks.push({ type, data: bytes.subarray(from, end - CHECKSUM), whole: bytes.subarray(at, end) });
    at = end;
  }
  return chunks;
}

/** Throws where the packed rows are not of `size` bytes; no more than those are unpacked. */
function checkUnpacked(packed: Uint8Array, size: number, wrong: Wrong): void {
  let found: string;
  try {
    const { length } = inflateSync(packed, { maxOutputLength: Math.max(1, size) });
    if (length === size) return;
    found = `${length}`;
  } catch (error) {
    const isMore = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    found = isMore ? 'more' : messageOf(error);
  }
  throw wrong(`${size} bytes of pixels, as its header says`, found);
}
