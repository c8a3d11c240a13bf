import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { MACHINE } from '../../../src/files/process.ts';
import type { RunRecord } from '../../../src/record.ts';
import { sha256OfJson } from '../../../src/training/fingerprint.ts';
import {
  isWritten,
  readRecord,
  readRecords,
  readWeights,
  recordFile,
  sealed,
  weightsFile,
  writeRun,
} from '../../../src/training/store.ts';
import { sha256OfBytes } from '../../../src/training/weights-file.ts';
import { record as madeUpRecord } from '../../support/records.ts';

const WEIGHTS = Uint8Array.from({ length: 64 }, (_, i) => i);
const NAME = '5-lr-scheduler.seed-1.json';
const WEIGHTS_NAME = `5-lr-scheduler.seed-1.${sha256OfBytes(WEIGHTS).slice(0, 16)}.weights.bin`;
const ANEW = '`npm run train -- 5 --seed 1` writes it anew.';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);

describe('the store of runs', () => {
  it('gives back what was written', () => {
    const record = recordOf();
    expect(writeRun(folder, record, WEIGHTS)).toBe(at(NAME));
    expect(readdirSync(folder).toSorted()).toEqual([WEIGHTS_NAME, NAME].toSorted());
    expect(readRecord(at(NAME))).toEqual(record);
    expect(new Uint8Array(readWeights(folder, record))).toEqual(WEIGHTS);
  });

  it('takes away what a process left that was killed after it had written the record', () => {
    writeRun(folder, recordOf(), WEIGHTS);
    const older = WEIGHTS_NAME.replace(/[0-9a-f]{16}/, '0123456789abcdef');
    const unfinished = `${NAME}.${spawnSync(process.execPath, ['--version']).pid}-${MACHINE}-00000000.unfinished`;
    for (const name of [older, unfinished]) writeFileSync(at(name), 'left');
    writeRun(folder, recordOf(), WEIGHTS);
    expect(readdirSync(folder).toSorted()).toEqual([WEIGHTS_NAME, NAME].toSorted());
  });

  it('makes its folder, and writes over an older run', () => {
    const deep = at('a/b');
    writeRun(deep, recordOf(), WEIGHTS);
    writeRun(deep, recordOf({ test: [99] }), WEIGHTS);
    expect(readRecords(deep, '5-lr-scheduler', 'wasm')).toEqual([recordOf({ test: [99] })]);
  });

  it('leaves a run that is there to the bit, whenever and however fast it was trained again', () => {
    const first = recordOf();
    writeRun(folder, first, WEIGHTS);
    const { seal: _, ...figures } = first;
    const again = sealed({
      ...figures,
      seconds: 99,
      threads: 2,
      epochs: first.epochs.map((epoch) => ({ ...epoch, seconds: 7 })),
    });
    expect(isWritten(folder, again)).toBe(true);
    writeRun(folder, again, WEIGHTS);
    expect(readRecord(at(NAME))).toEqual(first);
    // Its weights are gone: it is no run any more.
    rmSync(at(WEIGHTS_NAME));
    expect(isWritten(folder, again)).toBe(false);
    writeRun(folder, again, WEIGHTS);
    expect(readRecord(at(NAME))).toEqual(again);
    expect(isWritten(folder, recordOf({ test: [99] }))).toBe(false);
  });

  it('finds the records of an iteration and a backend, by seed, and no others', () => {
    for (const seed of [10, 2, 1]) writeRun(folder, recordOf({ seed }), WEIGHTS);
    writeRun(folder, recordOf({ seed: 3, backend: 'tensorflow' }), WEIGHTS);
    writeRun(folder, recordOf({ seed: 4, id: '5-lr-scheduler-more' }), WEIGHTS);
    expect(readRecords(folder, '5-lr-scheduler', 'wasm').map(({ seed }) => seed)).toEqual([1, 2, 10]);
    expect(readRecords(folder, '5-lr-scheduler', 'tensorflow').map(({ seed }) => seed)).toEqual([3]);
    expect(readRecords(folder, '6-none', 'wasm')).toEqual([]);
  });

  it('finds nothing in a folder that does not exist', () => {
    expect(readRecords(at('nowhere'), '5-lr-scheduler', 'wasm')).toEqual([]);
  });

  it('names files by iteration, seed and, but for WASM, backend', () => {
    expect(recordFile('1-skeleton', 7, 'wasm')).toBe('1-skeleton.seed-7.json');
    expect(recordFile('1-skeleton', 7, 'tensorflow')).toBe('1-skeleton.seed-7.tensorflow.json');
    expect(weightsFile('1-skeleton.seed-7.json', 'ab'.repeat(32))).toBe(
      '1-skeleton.seed-7.abababababababab.weights.bin',
    );
  });
});

describe('a record that was changed by hand', () => {
  let written = '';
  beforeAll(() => {
    const place = mkdtempSync(path.join(tmpdir(), 'store-'));
    written = readFileSync(writeRun(place, recordOf(), WEIGHTS), 'utf8');
    rmSync(place, { recursive: true });
  });

  it.each(leaves(recordOf()).filter((leaf) => leaf !== 'seal' && leaf !== 'schema'))(
    'is refused: %s',
    (leaf) => {
      const json = JSON.parse(written) as object;
      change(json, leaf.split('.'));
      writeFileSync(at(NAME), JSON.stringify(json));
      expectRefusal(
        () => readRecord(at(NAME)),
        `${at(NAME)}: the record was changed after it was written: its seal does not fit its figures. Restore it with git, or train anew. ${ANEW}`,
      );
    },
  );

  it('is refused with another seal, too', () => {
    const record = { ...recordOf(), seal: 'b'.repeat(64) };
    writeFileSync(at(NAME), JSON.stringify(record));
    expectRefusal(() => readRecord(at(NAME)), 'its seal does not fit its figures');
  });

  it('may be written with other spaces and in another order', () => {
    const record = recordOf();
    writeFileSync(at(NAME), JSON.stringify(Object.fromEntries(Object.entries(record).toReversed()), null, 8));
    expect(readRecord(at(NAME))).toEqual(record);
  });
});

describe('a record that cannot be read', () => {
  it('is named where it does not exist', () => {
    expectRefusal(() => readRecord(at(NAME)), `${at(NAME)}: cannot be read (ENOENT`);
    expectRefusal(() => readRecord(at(NAME)), ANEW);
  });

  it('is named where it is not JSON', () => {
    writeFileSync(at(NAME), '{"schema": 1,');
    expectRefusal(() => readRecord(at(NAME)), `${at(NAME)}: not JSON (`);
    expectRefusal(() => readRecords(folder, '5-lr-scheduler', 'wasm'), ANEW);
  });

  it('is named, with the place, where it does not have the form of one', () => {
    const { epochs: _, seal: __, ...rest } = recordOf();
    writeFileSync(at(NAME), JSON.stringify({ ...rest, seal: sha256OfJson(rest) }));
    expectRefusal(() => readRecord(at(NAME)), `${at(NAME)}: not a run record (`);
    expectRefusal(() => readRecord(at(NAME)), 'epochs');
    expectRefusal(() => readRecord(at(NAME)), ANEW);
  });
});

describe('a record that is nested too deep (G)', () => {
  it('is told in one message, not by a stack that overflows', () => {
    writeFileSync(at(NAME), `{"recipe":${'['.repeat(5_000)}${']'.repeat(5_000)}}`);
    expectRefusal(
      () => readRecord(at(NAME)),
      `${at(NAME)}: not a run record (lists and objects are nested deeper than 64). ${ANEW}`,
    );
  });
});

describe('a loss that is no number (A3)', () => {
  it('is read as it was written, and the seal holds', () => {
    const { seal: _, ...rest } = recordOf();
    const epochs = rest.epochs.map((epoch, i) => ({ ...epoch, trainLoss: [NaN, Infinity, -Infinity][i]! }));
    const record = sealed({ ...rest, epochs });
    writeRun(folder, record, WEIGHTS);
    expect(readFileSync(at(NAME), 'utf8')).toContain('"trainLoss": "NaN"');
    expect(readRecord(at(NAME)).epochs.map(({ trainLoss }) => trainLoss)).toEqual([NaN, Infinity, -Infinity]);
  });
});

describe('the weights of a record', () => {
  it('are refused outside the folder, even where they are the right ones (E4)', () => {
    const { seal: _, ...rest } = recordOf();
    writeFileSync(at('good.weights.bin'), WEIGHTS);
    const record = sealed({ ...rest, weights: { ...rest.weights, file: '../good.weights.bin' } });
    expectRefusal(() => readWeights(at('runs'), record), 'lie in 5-lr-scheduler.seed-1.');
  });

  it('are refused where one bit is another', () => {
    const record = recordOf();
    writeRun(folder, record, WEIGHTS);
    const other = WEIGHTS.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    writeFileSync(at(record.weights.file), other);
    expectRefusal(
      () => readWeights(folder, record),
      `${at(record.weights.file)}: these are not the weights of the record: expected SHA-256 ${sha256OfBytes(WEIGHTS)}, found ${sha256OfBytes(other)}. Restore the file with git, or train anew. ${ANEW}`,
    );
  });

  it('are refused where they are missing', () => {
    const record = recordOf();
    expectRefusal(
      () => readWeights(folder, record),
      `${at(record.weights.file)}: the record's weights cannot be read (ENOENT`,
    );
  });
});

describe('a write that fails', () => {
  it('leaves the record before it whole, and nothing half-written', () => {
    writeRun(folder, recordOf(), WEIGHTS);
    // A folder stands where the weights should go: the rename fails after the bytes are written.
    rmSync(at(WEIGHTS_NAME));
    mkdirSync(at(WEIGHTS_NAME));
    const before = readFileSync(at(NAME), 'utf8');
    expectRefusal(() => writeRun(folder, recordOf({ test: [97] }), WEIGHTS), 'cannot be written (');
    expect(readdirSync(folder).toSorted()).toEqual([WEIGHTS_NAME, NAME].toSorted());
    expect(readFileSync(at(NAME), 'utf8')).toBe(before);
  });

  it('says which file and what to look at', () => {
    mkdirSync(at(WEIGHTS_NAME));
    expectRefusal(() => writeRun(folder, recordOf(), WEIGHTS), `${at(WEIGHTS_NAME)}: cannot be written (`);
    expectRefusal(() => writeRun(folder, recordOf(), WEIGHTS), "Check the folder's permissions and space.");
  });
});

function recordOf(figures: Parameters<typeof madeUpRecord>[0] = {}): RunRecord {
  const { seal: _, ...record } = madeUpRecord(figures);
  const sha256 = sha256OfBytes(WEIGHTS);
  const file = weightsFile(recordFile(record.id, record.seed, record.backend.name), sha256);
  return sealed({ ...record, weights: { file, bytes: WEIGHTS.length, sha256 } });
}

function expectRefusal(run: () => unknown, message: string): void {
  expect(run).toThrow(
    expect.objectContaining({ constructor: GateError, message: expect.stringContaining(message) }),
  );
}

/** Paths of everything in a value that is not itself a list or an object. */
function leaves(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, entry]) =>
    leaves(entry, prefix === '' ? key : `${prefix}.${key}`),
  );
}

/** Changes the value at a path as little as its kind allows. */
function change(json: object, [key, ...rest]: readonly string[]): void {
  const holder = json as Record<string, unknown>;
  const value = holder[key!];
  if (rest.length > 0) change(value as object, rest);
  else if (typeof value === 'number') holder[key!] = value + 1;
  else holder[key!] = /^[0-9a-f]{64}$/.test(String(value)) ? '1'.repeat(64) : `${String(value)}!`;
}
