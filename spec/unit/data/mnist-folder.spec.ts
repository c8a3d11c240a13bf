import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAtomically } from '../../../src/data/mnist-folder.ts';
import { gateMessage, temporaryFolder } from './tiny-mnist.ts';

describe('writing a file of the cache', () => {
  it('makes the folder, and leaves the file and nothing else', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b');
    await writeAtomically(join(folder, 'file'), folder, Buffer.from('new'));
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('new');
  });

  it('never lets a reader meet half a file: the path holds the old bytes or the new ones', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file');
    const size = 8_000_000;
    await writeFile(path, Buffer.alloc(size, 'a'));
    let isWritten = false;
    const written = writeAtomically(path, folder, Buffer.alloc(size, 'b')).then(() => (isWritten = true));
    while (!isWritten) {
      const seen = await readFile(path);
      expect(seen.length).toBe(size);
      expect(seen[0]).toBe(seen[size - 1]);
    }
    await written;
    expect((await readFile(path))[0]).toBe('b'.charCodeAt(0));
  });

  it('removes its temporary file when the last step fails', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'taken', 'by-a-folder'), { recursive: true });
    const message = await gateMessage(() =>
      writeAtomically(join(folder, 'taken'), folder, Buffer.from('new')),
    );
    expect(message).toContain(`${join(folder, 'taken')} cannot be written`);
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
