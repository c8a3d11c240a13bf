import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { downloadProgress } from '../../../src/data/download-progress.ts';

function output(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
    clearScreenDown: () => true,
  });
  const progress = downloadProgress(stream as unknown as NodeJS.WriteStream);
  progress.start('file from host', 2_000);
  progress.advance(500);
  progress.advance(1_500);
  progress.stop();
  return String(stream.read());
}

describe('the progress of a download', () => {
  it('is one plain line where there is no terminal', () => {
    expect(output(false)).toBe('downloading file from host, 2000 bytes\n');
  });

  it('is a bar that ends at 100 % on a terminal', () => {
    expect(output(true)).toMatch(/100 % of 2000 bytes.*: file from host/);
  });
});
