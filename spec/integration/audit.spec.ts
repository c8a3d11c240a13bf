import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { toPlain } from '../../src/figure.ts';
import { buildModel } from '../../src/model/build.ts';
import type { RunRecord } from '../../src/record.ts';
import { auditRecord, RECORDED, type RecordExpectation } from '../../src/training/audit.ts';
import { expectationOf } from '../../src/training/expectation.ts';
import { remeasure } from '../../src/training/remeasure.ts';
import { type Run, run } from '../../src/training/run.ts';
import { recordFile, sealed, writeRun } from '../../src/training/store.ts';
import { RECIPE, SHORT_DIGITS as DATA, TINY } from '../support/tiny-iteration.ts';

const ITERATION = { ...TINY, recipe: { ...RECIPE, epochs: 2 } };

let backend: Backend;
let done: Run;
let model: LayersModel;
let folder = '';
let expected: RecordExpectation;
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
  done = await run({ iteration: ITERATION, data: DATA, backend, seed: 1 });
  model = buildModel(ITERATION.network, { name: ITERATION.id });
  folder = mkdtempSync(path.join(tmpdir(), 'audit-'));
  writeRun(folder, done.record, done.weights);
  expected = expectation();
});
afterAll(() => {
  model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const expectation = (): RecordExpectation => ({
  ...expectationOf(done.record, {
    iteration: ITERATION,
    model,
    engine: done.record.engine,
    dataSha256: DATA.sha256,
    data: DATA,
  }),
  file: recordFile('9-tiny', 1, 'wasm'),
});
const faults = (record: RunRecord) => auditRecord(record, expected);
const changed = (change: Partial<RunRecord>): RunRecord => ({ ...done.record, ...change });
const eachEpoch = (change: (epoch: RunRecord['epochs'][0], i: number) => object) =>
  changed({ epochs: done.record.epochs.map((epoch, i) => ({ ...epoch, ...change(epoch, i) })) });

describe('the audit of a record', () => {
  it('finds nothing in one that training wrote', () => {
    expect(faults(done.record)).toEqual([]);
  });

  it('finds a lowered number of test images in every epoch (E1)', () => {
    const lowered = eachEpoch(({ testCorrect }) => ({ testTotal: testCorrect + 1 }));
    const { testCorrect } = done.record.epochs[0]!;
    expect(faults(lowered)[0]).toBe(`epoch 1: testTotal ${testCorrect + 1}, expected 200`);
  });

  it('finds a huge number of training images (E1)', () => {
    expect(faults(eachEpoch(() => ({ trainTotal: 1e9 })))).toContain(
      'epoch 2: trainTotal 1000000000, expected 240',
    );
  });

  it('finds epochs that all have the number 1 (E1), copies beyond the recipe (G), and one that is missing', () => {
    expect(faults(eachEpoch(() => ({ epoch: 1 })))).toEqual(['epoch 2: number 1, expected 2']);
    const [first, second] = done.record.epochs;
    expect(faults(changed({ epochs: [first!, second!, { ...second!, epoch: 3, seconds: 0 }] }))).toContain(
      'number of epochs 3, expected 2',
    );
    expect(faults(changed({ epochs: [second!] }))).toContain('number of epochs 1, expected 2');
  });

  it('finds a learning rate that the recipe does not have', () => {
    expect(faults(eachEpoch((_, i) => (i === 0 ? { learningRate: 0.5 } : {})))[0]).toMatch(
      /^epoch 1: learningRate 0\.5, expected 0\.0/,
    );
  });

  it('finds another id, backend, seed or file name (E2, E4)', () => {
    expect(faults(changed({ id: '8-other' }))).toEqual([
      'id "8-other", expected "9-tiny"',
      '9-tiny.seed-1.json holds seed 1 of 8-other on wasm: its name would be 8-other.seed-1.json',
      expect.stringMatching(/^weights file "9-tiny/),
    ]);
    expect(faults(changed({ seed: 2 }))[0]).toContain('its name would be 9-tiny.seed-2.json');
    const onCpu = changed({ backend: { ...done.record.backend, name: 'cpu' } });
    expect(faults(onCpu)[0]).toContain('its name would be 9-tiny.seed-1.cpu.json');
  });

  it('finds weights that lie elsewhere (E4)', () => {
    const weights = { ...done.record.weights, file: '../elsewhere/good.weights.bin' };
    expect(faults(changed({ weights }))[0]).toMatch(/^weights file "\.\.\/elsewhere\/good/);
  });

  it('finds other data: sizes, hash, classes, images that were trained on (E3, E6)', () => {
    for (const data of [
      { sha256: '0'.repeat(64) },
      { test: 100 },
      { train: 100 },
      { repeated: 1 },
      { classes: 9 },
    ]) {
      expect(faults(changed({ data: { ...done.record.data, ...data } }))).not.toEqual([]);
    }
  });

  it('finds a confusion matrix that does not add up', () => {
    const confusion = done.record.confusion.map((row) => [...row]);
    confusion[0]![0]!++;
    expect(faults(changed({ confusion }))).toEqual([
      'sum of the confusion matrix 201, expected 200',
      expect.stringMatching(/^diagonal of the confusion matrix/),
      expect.stringMatching(/^test images of each class/),
    ]);
  });
});

describe('each leaf of a record, altered and resealed,', () => {
  it('is red, or one of those that are listed as recorded', () => {
    const believed = leaves(toPlain(done.record)).filter((leaf) => leaf !== 'seal' && !isRed(leaf));
    const [, last] = done.record.epochs;
    expect(last!.epoch).toBe(2);
    const recorded = leaves(toPlain(done.record)).filter(
      (leaf) => RECORDED.test(leaf) && !leaf.startsWith('epochs.1.test'),
    );
    expect(believed.toSorted()).toEqual(recorded.toSorted());
    expect(recorded).toHaveLength(2 + 3 + 2 + 2 * 3 + 2);
  }, 120_000);
});

/** Red in the form, in the audit, or when its weights are measured again. */
function isRed(leaf: string): boolean {
  const json = structuredClone(toPlain(done.record)) as Omit<RunRecord, 'seal'> & { seal?: string };
  change(json, leaf.split('.'));
  delete json.seal;
  try {
    const record = sealed(json);
    if (faults(record).length > 0) return true;
    remeasure(record, { folder, model, data: DATA, backend });
    return false;
  } catch {
    return true;
  }
}

/** Paths of everything in a value that is not itself a list or an object. */
function leaves(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, entry]) =>
    leaves(entry, prefix === '' ? key : `${prefix}.${key}`),
  );
}

/** Changes the value at a path by as little as its kind allows. */
function change(json: object, [key, ...rest]: readonly string[]): void {
  const holder = json as Record<string, unknown>;
  const value = holder[key!];
  if (rest.length > 0) change(value as object, rest);
  // Counts by one, so that they stay counts; other figures by a hair.
  else if (typeof value === 'number')
    holder[key!] = Number.isInteger(value) ? value + 1 : value * (1 + 1e-12);
  else if (typeof value === 'boolean') holder[key!] = !value;
  else holder[key!] = /^[0-9a-f]{64}$/.test(String(value)) ? '1'.repeat(64) : `${String(value)}!`;
}
