import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'claims-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const lock = () => path.join(folder, 'deep', '.lock');

describe('work in turn', () => {
  it('of several processes is never done by two at once', async () => {
    const count = path.join(folder, 'count');
    writeFileSync(count, '0');
    const file = JSON.stringify(path.resolve('src/files/claim.ts'));
    const code = `
      import { readFileSync, writeFileSync } from 'node:fs';
      const { inTurn } = await import(${file});
      for (let i = 0; i < 100; i++)
        inTurn(${JSON.stringify(lock())}, 'Counting', () =>
          writeFileSync(${JSON.stringify(count)}, String(1 + Number(readFileSync(${JSON.stringify(count)}, 'utf8')))));
    `;
    const worker = path.join(folder, 'count.mts');
    writeFileSync(worker, code);
    const tsx = import.meta.resolve('tsx');
    const codes = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise((resolve) => {
            spawn(process.execPath, ['--import', tsx, worker], { stdio: 'inherit' }).on('close', resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(count, 'utf8')).toBe('300');
  });
});
