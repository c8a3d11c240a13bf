import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { writeTogether, writeWhole } from '../../../src/files/write-whole.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whole ä-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true, force: true });
});

/** Does something, such as to fail, whenever this process makes sure that a file lies on the disk. */
function onFsync(action: () => void): void {
  const { fsyncSync } = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => {
    action();
    fsyncSync(descriptor);
  });
  syncBuiltinESMExports();
}

const at = (name: string) => path.join(folder, name);

describe('a file that is written whole', () => {
  it('has its content, in a folder that is made, and leaves nothing beside it', () => {
    writeWhole(at('deep/er/a.json'), '{}');
    writeWhole(at('deep/er/a.json'), Uint8Array.of(0, 255));
    expect([...readFileSync(at('deep/er/a.json'))]).toEqual([0, 255]);
    expect(readdirSync(at('deep/er'))).toEqual(['a.json']);
  });

  it('stays as it was, with nothing beside it, where the disk fails in the middle', () => {
    writeWhole(at('a.json'), 'old');
    onFsync(() => {
      throw new Error('ENOSPC: no space left on device, fsync');
    });
    expect(() => writeWhole(at('a.json'), 'new', 'Free some space.')).toThrow(
      new GateError(
        `${at('a.json')}: cannot be written (ENOSPC: no space left on device, fsync). Free some space.`,
      ),
    );
    expect(readFileSync(at('a.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('names the file where a folder stands in its place, and the folder where a file does', () => {
    mkdirSync(at('a.json'));
    expect(() => writeWhole(at('a.json'), 'x')).toThrow(`${at('a.json')}: cannot be written (`);
    writeFileSync(at('file'), '');
    expect(() => writeWhole(at('file/b.json'), 'x')).toThrow(`${at('file')}: cannot be written (`);
    expect(readdirSync(folder).toSorted()).toEqual(['a.json', 'file']);
  });

  it('goes, where several belong together, not before all of them lie on the disk', () => {
    writeTogether([
      [at('a'), 'old'],
      [at('b'), 'old'],
    ]);
    let left = 1;
    onFsync(() => {
      if (left-- === 0) throw new Error('EIO');
    });
    const files = [
      [at('a'), 'new'],
      [at('b'), 'new'],
    ] as const;
    expect(() => writeTogether(files)).toThrow(`${at('b')}: cannot be written (EIO)`);
    expect(['a', 'b'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(['old', 'old']);
  });

  it('takes away what a killed process left, and leaves alone what another one is writing or what is none of it', () => {
    const killed = spawnSync(process.execPath, ['--version']).pid;
    writeWhole(at('a.json'), '1');
    // Its own name, taken while it writes: the machine's part of it is nobody's business.
    let mine = '';
    onFsync(() => {
      mine ||= readdirSync(folder).find((name) => name.endsWith('.unfinished'))!;
    });
    writeWhole(at('b.json'), '1');
    const of = (pid: number) => mine.replace(/\.\d+-/, `.${pid}-`);
    writeFileSync(at(of(killed)), 'half');
    writeFileSync(at(of(process.ppid)), 'half');
    writeFileSync(at('my.unfinished'), 'mine');
    writeWhole(at('a.json'), '2');
    expect(readdirSync(folder).toSorted()).toEqual(
      ['a.json', 'b.json', of(process.ppid), 'my.unfinished'].toSorted(),
    );
  });
});

describe.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a folder that may not be written to',
  () => {
    it('is told by its file, with what to do', () => {
      chmodSync(folder, 0o500);
      expect(() => writeWhole(at('a.json'), 'x')).toThrow(/a\.json: cannot be written \(EACCES.*permissions/);
      expect(existsSync(at('a.json'))).toBe(false);
      chmodSync(folder, 0o700);
    });
  },
);
