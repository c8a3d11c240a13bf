import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { onnx } from '../../src/onnx/schema.ts';
import type { RunRecord } from '../../src/record.ts';
import { readRecords, RUNS_FOLDER } from '../../src/training/store.ts';
import { type App, installExample, unwrapped } from './app.ts';

/**
 * examples/pytorch as a stranger has it, but without Python: the network and the log are those of this project's record of the same
 * iteration, written as others read them. What train.py itself leaves is judged in docs/elsewhere.md. MNIST must be at hand.
 */
const ITERATION = '5-lr-scheduler';
const SPEC = 'spec/pytorch.spec.ts';
const COLUMNS = ['epoch', 'lr', 'train_loss', 'train_acc', 'test_loss', 'test_acc'];
const TIMEOUT = 600_000;

let app: App;
let network: Uint8Array;
beforeAll(async () => {
  app = await installExample('pytorch');
  const exported = await app.run('npx', ['codecodecode', 'export', '5', '--folder', RUNS_FOLDER]);
  expect(exported.exitCode, exported.output).toBe(0);
  await rename(join(app.folder, `${ITERATION}.onnx`), join(app.folder, 'net.onnx'));
  network = await readFile(join(app.folder, 'net.onnx'));
}, TIMEOUT);
beforeEach(async () => {
  await writeFile(join(app.folder, 'net.onnx'), network);
  await writeFile(join(app.folder, 'log.csv'), logOf(0));
});
afterEach(() => app.restore());
afterAll(() => app.remove());

describe('a network that was trained in Python', { timeout: TIMEOUT }, () => {
  test('is green where every target is measured and met', async () => {
    const { exitCode, output, summary } = await app.gate();
    expect(output).toContain('9 targets met');
    expect(summary.iterations[0]).toMatchObject({
      provenance: 're-evaluated',
      note: expect.stringContaining(
        `${record().epochs.at(-1)!.testCorrect} of 10000 test images right, measured now by onnxruntime-web`,
      ),
    });
    expect(exitCode).toBe(0);
  });

  test('is red under another normalization, and the one that fits is named', async () => {
    await app.edit(SPEC, 'mean: [0.1307], std: [0.3081]', 'mean: [0.5], std: [0.5]');
    await expectRed(
      /it was trained with another normalization\. Say normalization: \{ mean: \[0\.1307\], std: \[0\.3081\]/,
    );
  });

  test('is red with two filters of its weights swapped', async () => {
    await writeFile(join(app.folder, 'net.onnx'), swapped(network));
    await expectRed(/these are not the weights that the log speaks of/);
  });

  test('is red where its log claims more than it reads', async () => {
    await writeFile(join(app.folder, 'log.csv'), logOf(10));
    await expectRed(/the log claims 10 images more than the network reads/);
  });
});

async function expectRed(message: RegExp): Promise<void> {
  const { exitCode, output } = await app.gate();
  expect(unwrapped(output)).toMatch(message);
  expect(exitCode).toBe(3);
}

function record(): RunRecord {
  return readRecords(RUNS_FOLDER, ITERATION, 'wasm')[0]!;
}

/** The epochs of the record as train.py logs them; in the last one `more` test images are right. */
function logOf(more: number): string {
  const { epochs } = record();
  const rows = epochs.map((epoch, i) => [
    epoch.epoch,
    epoch.learningRate,
    epoch.trainLoss,
    epoch.trainCorrect / epoch.trainTotal,
    epoch.testLoss,
    (epoch.testCorrect + (i === epochs.length - 1 ? more : 0)) / epoch.testTotal,
  ]);
  return `${[COLUMNS, ...rows].map((row) => row.join()).join('\n')}\n`;
}

/** The first two filters of the last kernel, which tell 0 and 1, in each other's place. */
function swapped(bytes: Uint8Array): Uint8Array {
  // A copy: what is decoded lies in the bytes that are given.
  const model = onnx.decode('ModelProto', Uint8Array.from(bytes)) as {
    graph: { initializer: { dims: bigint[]; rawData: Uint8Array }[] };
  };
  const { rawData } = model.graph.initializer.findLast(({ dims }) => dims.length === 4)!;
  const size = rawData.length / 10;
  const first = rawData.slice(0, size);
  rawData.copyWithin(0, size, 2 * size);
  rawData.set(first, size);
  return onnx.encode('ModelProto', model);
}
