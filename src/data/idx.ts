import { GateError } from '../errors.ts';

/** Magic numbers of IDX files of unsigned bytes with three dimensions and with one (http://yann.lecun.com/exdb/mnist/). */
const IMAGES_MAGIC = 0x0803;
const LABELS_MAGIC = 0x0801;
const IMAGES_HEADER_BYTES = 16;
const LABELS_HEADER_BYTES = 8;

/** Which file is decoded and what to do when it is not what it should be; both go into the error. */
export interface IdxOrigin {
  readonly file: string;
  readonly remedy: string;
}

/** Images as they lie in an IDX file: `pixels` is a view of the file's bytes. */
export interface IdxImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** Decodes an uncompressed IDX image file; throws a GateError unless it holds exactly `expected` images. */
export function decodeImages(
  bytes: Uint8Array,
  expected: { readonly count: number; readonly height: number; readonly width: number },
  origin: IdxOrigin,
): IdxImages {
  const { count, height, width } = expected;
  const header = headerOf(bytes, IMAGES_MAGIC, IMAGES_HEADER_BYTES, origin);
  if (header[0] !== count) throw wrong(origin, 'image count', count, header[0]);
  if (header[1] !== height || header[2] !== width) {
    throw wrong(origin, 'image size', `${height}x${width}`, `${header[1]}x${header[2]}`);
  }
  checkLength(bytes, IMAGES_HEADER_BYTES + count * height * width, origin);
  return { count, height, width, pixels: bytes.subarray(IMAGES_HEADER_BYTES) };
}

/** Decodes an uncompressed IDX label file; throws a GateError unless it holds `count` labels below `classes`. */
export function decodeLabels(
  bytes: Uint8Array,
  expected: { readonly count: number; readonly classes: number },
  origin: IdxOrigin,
): Uint8Array {
  const header = headerOf(bytes, LABELS_MAGIC, LABELS_HEADER_BYTES, origin);
  if (header[0] !== expected.count) throw wrong(origin, 'label count', expected.count, header[0]);
  checkLength(bytes, LABELS_HEADER_BYTES + expected.count, origin);
  const labels = bytes.subarray(LABELS_HEADER_BYTES);
  const stray = labels.findIndex((label) => label >= expected.classes);
  if (stray >= 0) {
    throw wrong(origin, 'label', `labels 0 to ${expected.classes - 1}`, `${labels[stray]} at index ${stray}`);
  }
  return labels;
}

/** The dimensions after the magic number, which is checked. */
function headerOf(
  bytes: Uint8Array,
  magic: number,
  headerBytes: number,
  origin: IdxOrigin,
): readonly number[] {
  if (bytes.length < headerBytes) {
    throw wrong(origin, 'length', `a header of ${headerBytes} bytes`, `${bytes.length} bytes in all`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const found = view.getUint32(0);
  if (found !== magic) throw wrong(origin, 'magic number', hex(magic), hex(found));
  return Array.from({ length: headerBytes / 4 - 1 }, (_, i) => view.getUint32(4 * (i + 1)));
}

function checkLength(bytes: Uint8Array, length: number, origin: IdxOrigin): void {
  if (bytes.length !== length) {
    throw wrong(origin, 'length', `${length} uncompressed bytes`, `${bytes.length}`);
  }
}

function wrong(origin: IdxOrigin, what: string, expected: unknown, found: unknown): GateError {
  return new GateError(
    `${origin.file} has the wrong ${what}: expected ${expected}, found ${found}. ${origin.remedy}`,
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
