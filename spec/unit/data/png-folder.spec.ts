import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { buf as crc32 } from 'crc-32';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it } from 'vitest';
import { datasetOfPngs } from '../../../src/data/png-folder.ts';
import { parsePng } from '../../../src/formats/png.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pngs-'));
afterAll(() => rmSync(root, { recursive: true }));

const grey = (...data: readonly number[]) =>
  encode({ width: 2, height: 1, channels: 1, data: Uint8Array.from(data) });

let folders = 0;
/** Files by path, in a folder of their own. */
function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = path.join(root, String(folders++));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), bytes);
  }
  return folder;
}

const FILES = {
  'train/cat/2.png': grey(3, 4),
  'train/cat/1.png': grey(1, 2),
  'train/dog/1.png': grey(5, 6),
  'test/cat/1.png': grey(7, 8),
  'test/dog/1.PNG': grey(9, 10),
  'test/dog/.hidden': Uint8Array.of(1),
};

describe('a folder of PNG images', () => {
  it('is a data set: classes and images in the order of their names', () => {
    expect(datasetOfPngs(folderOf(FILES), { name: 'pets' })).toMatchObject({
      name: 'pets',
      classes: 2,
      train: {
        count: 3,
        height: 1,
        width: 2,
        pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
        labels: Uint16Array.of(0, 0, 1),
      },
      test: { count: 2, pixels: Uint8Array.of(7, 8, 9, 10), labels: Uint16Array.of(0, 1) },
    });
  });

  it.each([
    [
      'a class that test has not',
      { 'train/eel/1.png': grey(0, 0) },
      'expected cat, dog, eel, found cat, dog',
    ],
    ['something else among the images', { 'train/cat/a.jpg': grey(0, 0) }, 'holds "a.jpg": expected PNG'],
    [
      'images of two sizes',
      { 'train/cat/3.png': encode({ width: 1, height: 2, channels: 1, data: new Uint8Array(2) }) },
      'expected 1x2x1 as',
    ],
    ['a broken image', { 'train/cat/3.png': Uint8Array.of(1, 2) }, 'expected a file that begins as PNG'],
  ])('is refused with %s', (_, more, message) => {
    expect(() => datasetOfPngs(folderOf({ ...FILES, ...more }))).toThrow(message);
  });

  it('is refused where it is none', () => {
    expect(() => datasetOfPngs(path.join(root, 'gone'))).toThrow('Images lie in train/CLASS and test/CLASS');
  });
});

describe('a PNG image', () => {
  it('of colours has them side by side', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const image = parsePng(encode({ width: 1, height: 2, channels: 3, data }), 'x.png');
    expect(image).toEqual({ height: 2, width: 1, channels: 3, pixels: data });
  });

  it('with a palette becomes RGB', () => {
    const palette = chunk('PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6));
    const bytes = pngOf({ width: 3, height: 1, depth: 1, colour: 3 }, Uint8Array.of(0, 0b0100_0000), palette);
    expect(parsePng(bytes, 'x.png')).toMatchObject({
      channels: 3,
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3),
    });
  });

  it.each([
    ['of 16 bits', { depth: 16 }, 'found grey of 16 bits'],
    [
      'with transparency',
      { colour: 6 },
      "found with transparency of 8 bits. Convert it: Image.open(...).convert('L')",
    ],
    ['that is interlaced', { interlace: 1 }, 'interlaced'],
    ['without pixels', { width: 0 }, 'found 0 x 1'],
    ['that claims more than fits', { width: 2 ** 31 - 1, height: 2 ** 31 - 1 }, 'expected 1 byte to 16 MiB'],
    [
      'with fewer pixels than it claims',
      { width: 3 },
      'expected 4 bytes of pixels, as its header says, found 3',
    ],
  ])('%s is refused', (_, header, message) => {
    expect(() => parsePng(pngOf(header, new Uint8Array(3)), 'x.png')).toThrow(message);
  });

  it('that unpacks to more than its header says is unpacked no further', () => {
    expect(() => parsePng(pngOf({}, new Uint8Array(2 ** 22)), 'x.png')).toThrow(
      'expected 3 bytes of pixels, as its header says, found more',
    );
  });

  it('with a second header is refused: the decoder would believe it', () => {
    const second = chunk('IHDR', headerOf({ width: 2 ** 16, height: 2 ** 14 }));
    expect(() => parsePng(pngOf({}, new Uint8Array(3), second), 'x.png')).toThrow('one header, first of all');
  });

  it('with a changed byte is refused by its checksum', () => {
    const bytes = pngOf({}, Uint8Array.of(0, 1, 2));
    bytes[bytes.length - 14]! ^= 1;
    expect(() => parsePng(bytes, 'x.png')).toThrow('x.png is not a PNG image that can be used');
  });
});

interface Header {
  readonly width?: number;
  readonly height?: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlace?: number;
}

/** A PNG file out of its parts, which no encoder writes wrong. */
function pngOf(header: Header, rows: Uint8Array, ...between: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', headerOf(header)),
    ...between,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
  ]);
}

function headerOf({ width = 2, height = 1, depth = 8, colour = 0, interlace = 0 }: Header): Uint8Array {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes.set([depth, colour, 0, 0, interlace], 8);
  return bytes;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}
