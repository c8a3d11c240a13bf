import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { makeDataset } from '../../src/data/check-dataset.ts';
import { slice } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { convolution } from '../../src/model/blocks.ts';
import { obtainEvidence } from '../../src/study/evidence.ts';
import { type Run, run } from '../../src/training/run.ts';
import { sealed, writeRun } from '../../src/training/store.ts';
import { DIGITS, RECIPE, TINY } from '../support/tiny-iteration.ts';

/** So little that even the cpu backend trains it in a second. */
const DATA = makeDataset({
  ...DIGITS,
  train: slice(DIGITS.train, 0, 32),
  test: slice(DIGITS.test, 0, 50),
});
const ITERATION: Iteration = {
  ...TINY,
  network: {
    input: [28, 28, 1],
    layers: [
      { type: 'convolution', filters: 2, kernel: 3, padding: 'valid', stride: 3 },
      { type: 'batchNorm' },
      { type: 'relu' },
      convolution(10),
      { type: 'globalAveragePool' },
    ],
  },
  recipe: { ...RECIPE, epochs: 1 },
};
const CHANGED: Iteration = { ...ITERATION, recipe: { ...ITERATION.recipe, batch: 16 } };
const silent = { onStep: () => undefined, onEpoch: () => undefined };

let cpu: Backend;
let onWasm: Run;
const folders: string[] = [];
beforeAll(async () => {
  const wasm = await selectBackend({ force: 'wasm' });
  onWasm = await run({ iteration: ITERATION, data: DATA, backend: wasm, seed: 1 });
  cpu = await selectBackend({ force: 'cpu' });
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with these runs in it. */
function folderOf(...runs: readonly Run[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'runs-'));
  folders.push(folder);
  runs.forEach(({ record, weights }) => writeRun(folder, record, weights));
  return folder;
}

const obtain = (folder: string, iteration = ITERATION) =>
  obtainEvidence(iteration, { backend: cpu, data: DATA, folder, retrain: false, progress: silent });

describe('the evidence on a backend other than WASM', () => {
  it('is the record of WASM, measured again on that backend', async () => {
    const folder = folderOf(onWasm);
    const files = readdirSync(folder);
    expect(await obtain(folder)).toMatchObject({
      provenance: 're-evaluated',
      runs: [onWasm.record],
      note: expect.stringMatching(
        /^seed 1: \d+ of 50 test images correct, trained on wasm, measured again on cpu$/,
      ),
    });
    expect(readdirSync(folder)).toEqual(files);
  });

  it('is refused where more than two images come out otherwise', async () => {
    const { seal: _, ...record } = onWasm.record;
    const epochs = record.epochs.map((epoch) => ({ ...epoch, testCorrect: (epoch.testCorrect + 3) % 50 }));
    const folder = folderOf({ ...onWasm, record: sealed({ ...record, epochs }) });
    await expect(obtain(folder)).rejects.toThrow(
      /^The record of 9-tiny, seed 1, says \d+ correct test images;/,
    );
  });

  it('is trained there where the record of WASM no longer fits, and says what changed', async () => {
    const folder = folderOf(onWasm);
    const evidence = await obtain(folder, CHANGED);
    expect(evidence).toMatchObject({ provenance: 'trained', runs: [{ backend: { name: 'cpu' } }] });
    expect(evidence.note).toMatch(/^trained just now: its record no longer fits: /);
    expect(readdirSync(folder)).toContain('9-tiny.seed-1.cpu.json');
    expect(readdirSync(folder)).toContain('9-tiny.seed-1.json');
  });
});

describe('the evidence on a backend that has a record of its own', () => {
  let own: Run;
  beforeAll(async () => {
    own = await run({ iteration: ITERATION, data: DATA, backend: cpu, seed: 1 });
  });

  it('is still the record of WASM, which anyone can repeat', async () => {
    expect((await obtain(folderOf(onWasm, own))).runs).toEqual([onWasm.record]);
  });

  it('is its own where that of WASM does not fit', async () => {
    const { seal: _, ...record } = onWasm.record;
    const stale = sealed({ ...record, fingerprint: '0'.repeat(64) });
    expect(await obtain(folderOf({ ...onWasm, record: stale }, own))).toMatchObject({
      provenance: 're-evaluated',
      runs: [own.record],
      note: expect.stringMatching(/, measured again \(tfjs\)$/),
    });
  });
});
