import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { claim, inTurn } from '../../../src/files/claim.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'claims-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const lock = () => path.join(folder, 'deep', '.lock');

/** The claim of `file`, but by another process. */
function givenTo(owner: object): void {
  writeFileSync(
    lock(),
    JSON.stringify({ ...(JSON.parse(readFileSync(lock(), 'utf8')) as object), ...owner }),
  );
}

describe('a claim', () => {
  it('is refused while a living process has it, with that process and the age, and free after it', () => {
    const release = claim(lock(), 'Training 1-a with seed 1');
    givenTo({ since: Date.now() - 3 * 60_000, command: 'codecodecode train' });
    expect(() => claim(lock(), 'Training 1-a with seed 1', 50)).toThrow(
      new GateError(
        `Training 1-a with seed 1 is being done by process ${process.pid} (codecodecode train), since 3 min. Wait for it, or end it. (${lock()})`,
      ),
    );
    release();
    claim(lock(), 'x')();
    expect(readdirSync(path.dirname(lock()))).toEqual([]);
  });

  it('of a process that was killed is taken at once, and so is one whose number a later process has', () => {
    claim(lock(), 'x');
    givenTo({ pid: spawnSync(process.execPath, ['--version']).pid });
    claim(lock(), 'x');
    givenTo({ started: '1' });
    claim(lock(), 'x')();
    expect(readdirSync(path.dirname(lock()))).toEqual([]);
  });

  it('of another machine stays, and so does one that is another by the time it is released', () => {
    const release = claim(lock(), 'x');
    givenTo({ machine: 'elsewhere', pid: 1, token: 'other' });
    expect(() => claim(lock(), 'x', 50)).toThrow('by process 1 of another machine');
    release();
    expect(readdirSync(path.dirname(lock()))).toEqual(['.lock']);
  });

  it('that is no claim is taken', () => {
    claim(lock(), 'x')();
    for (const text of ['', '{', '{"pid":1}', 'null']) {
      writeFileSync(lock(), text);
      claim(lock(), 'x')();
    }
    expect(readdirSync(path.dirname(lock()))).toEqual([]);
  });
});

describe('work in turn', () => {
  it('is given up by who fails at it', () => {
    expect(() =>
      inTurn(lock(), 'x', () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(inTurn(lock(), 'x', () => 7)).toBe(7);
  });
});
