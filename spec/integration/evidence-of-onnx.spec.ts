import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { makeDataset } from '../../src/data/check-dataset.ts';
import { type Dataset, type ImageSet, pick } from '../../src/data/dataset.ts';
import { normalization } from '../../src/data/normalize.ts';
import { evidenceOfOnnx, type OnnxOptions } from '../../src/elsewhere/evidence.ts';
import { pixelsOf } from '../../src/elsewhere/pixels.ts';
import {
  judgeFinalTestAccuracy,
  judgeHeldTestAccuracy,
  judgeParameters,
} from '../../src/gates/stock-targets.ts';
import { isIssued } from '../../src/evidence.ts';
import { readOnnxFile } from '../../src/onnx/file.ts';
import { openSession } from '../../src/onnx/session.ts';
import { keyOf, uniform } from '../../src/random.ts';
import { onnxBytes } from '../support/onnx-bytes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'elsewhere-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Tells dark, middling and bright images apart by their mean, where grey is 0. */
const MODEL = path.join(folder, 'brightness.onnx');
writeFileSync(MODEL, brightness([-1, 0, 1], [0, 0.3, 0]));
const CLASSES = 3;
const NORMALIZATION = { mean: [0.5], std: [0.5] };
const COUNT = 400;
/** Every twentieth label is another than the network's answer. */
const WRONG = COUNT / 20;
const TIMEOUT = 120_000;

let data: Dataset;
/** Of the network's answers to the test images, as mean cross-entropy. */
let loss = 0;

beforeAll(async () => {
  await selectBackend({ force: 'cpu' });
  const test = randomImages(1, COUNT);
  const file = readOnnxFile(MODEL);
  const session = await openSession(file, { images: { size: [8, 8, 1], layout: 'first' } });
  const { output } = await session.run(
    pixelsOf(test, 0, COUNT, normalization(NORMALIZATION), 'first'),
    COUNT,
  );
  await session.release();
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => {
    const row = output.subarray(CLASSES * i, CLASSES * (i + 1));
    const answer = row.indexOf(Math.max(...row));
    return i % 20 === 0 ? (answer + 1) % CLASSES : answer;
  });
  loss =
    labels.reduce((sum, label, i) => {
      const row = [...output.subarray(CLASSES * i, CLASSES * (i + 1))];
      return sum + Math.log(row.reduce((all, value) => all + Math.exp(value), 0)) - row[label]!;
    }, 0) / COUNT;
  data = makeDataset({
    name: 'noise',
    classes: CLASSES,
    train: randomImages(2, 10),
    test: { ...test, labels },
  });
}, TIMEOUT);

function randomImages(seed: number, count: number): ImageSet {
  const key = keyOf(seed, 9, 9);
  const level = (image: number) => 200 * uniform(key, 1e6 + image);
  const pixels = Uint8Array.from({ length: count * 64 }, (_, i) => level(i >> 6) + 55 * uniform(key, i));
  return { count, height: 8, width: 8, pixels, labels: new Uint8Array(count) };
}

/** A log of two epochs, of which the last is as it is unless told otherwise. */
function logOf(name: string, accuracy = 1 - WRONG / COUNT, lastLoss = loss): string {
  const file = path.join(folder, `${name}.csv`);
  writeFileSync(
    file,
    `epoch,train_acc,train_loss,test_acc,test_loss\n1,0.5,1,0.6,1\n2,0.9,0.5,${accuracy},${lastLoss}\n`,
  );
  return file;
}

const evidence = (changes: Partial<OnnxOptions> = {}) =>
  evidenceOfOnnx({ model: MODEL, log: logOf('right'), data, normalization: NORMALIZATION, ...changes });

describe('a network of an ONNX file', { timeout: TIMEOUT }, () => {
  it('is evidence: its end is measured now, its curve is recorded', async () => {
    const found = await evidence({ id: '1-elsewhere' });
    expect(isIssued(found)).toBe(true);
    expect(judgeParameters(found, '==', 7)).toMatchObject({ status: 'pass', provenance: 'built' });
    expect(judgeFinalTestAccuracy(found, '>=', 95)).toMatchObject({
      status: 'pass',
      actual: 95,
      provenance: 're-evaluated',
    });
    expect(judgeHeldTestAccuracy(found, 60, { from: 1, within: 2 })).toMatchObject({
      status: 'pass',
      provenance: 'recorded',
    });
    expect(found.note).toMatch(
      /measured now by onnxruntime-web 1\.\d+\.\d+ \(.+\); 380 right on this project's engine/,
    );
    const [run] = found.runs;
    expect(run!.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(COUNT);
    expect(run!.deadChannels).toMatchObject({ known: true, value: { images: COUNT, channels: CLASSES } });
  });

  it('of several files is one evidence with a run a seed', async () => {
    const found = await evidence({ model: [MODEL, MODEL], log: [logOf('a'), logOf('b')], seeds: [3, 4] });
    expect(found.runs.map(({ seed }) => seed)).toEqual([3, 4]);
    expect(judgeFinalTestAccuracy(found, '>=', 95)).toMatchObject({ status: 'pass', values: [95, 95] });
  });

  it('is refused where its log claims more', async () => {
    await expect(evidence({ log: logOf('more', 0.98) })).rejects.toThrow(
      'the log claims 12 images more than the network reads',
    );
  });

  it('is refused where it reads more than its log says', async () => {
    await expect(evidence({ log: logOf('less', 0.93) })).rejects.toThrow(
      'it is not the network of the last epoch',
    );
  });

  it('is refused where the loss is another', async () => {
    await expect(evidence({ log: logOf('loss', 0.95, 2 * loss) })).rejects.toThrow('measured just now:');
  });

  it('is refused under another normalization, which is named where a usual one fits', async () => {
    await expect(evidence({ normalization: { mean: [0], std: [1] } })).rejects.toThrow(
      /it was trained with another normalization\. Say normalization: \{ mean: \[0\.\d+\], std: \[0\.\d+\] \}/,
    );
  });

  it('is refused so, too, where the other normalization reads but a few images fewer', async () => {
    await expect(evidence({ normalization: { mean: [0.5], std: [0.55] } })).rejects.toThrow(
      'it was trained with another normalization. Say normalization: { mean: [0.5], std: [0.5] }',
    );
  });

  it('is refused where a weight was swapped', async () => {
    const swapped = path.join(folder, 'swapped.onnx');
    writeFileSync(swapped, brightness([1, -1, 0], [0, 0, 0.3]));
    await expect(evidence({ model: swapped })).rejects.toThrow(
      'these are not the weights that the log speaks of',
    );
  });

  it('is refused with a normalization of another number of channels', async () => {
    const normalization = { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] };
    await expect(evidence({ normalization })).rejects.toThrow('{ mean, std } with 1 numbers each');
  });

  it('is refused on images of another size', async () => {
    const few = pick(data.test, [0, 1]);
    const other = { ...few, height: 4, width: 16 };
    const odd = makeDataset({ name: 'oblong', classes: CLASSES, train: other, test: other });
    await expect(evidence({ data: odd })).rejects.toThrow('but the images are 4 x 16 x 1');
  });
});

/** Three logits, of which each is a factor times the image's mean plus a summand. */
function brightness(factors: readonly number[], summands: readonly number[]): Uint8Array {
  return onnxBytes({
    nodes: [
      { op: 'Conv', in: ['x', 'conv.weight'], out: 'a' },
      { op: 'GlobalAveragePool', in: ['a'], out: 'b' },
      { op: 'Flatten', in: ['b'], out: 'c' },
      { op: 'Gemm', in: ['c', 'dense.weight', 'dense.bias'], out: 'd', ints: { transB: 1 } },
    ],
    weights: {
      'conv.weight': [[1, 1, 1, 1], [1]],
      'dense.weight': [[3, 1], factors],
      'dense.bias': [[3], summands],
    },
  });
}
