import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExitCode, GateError } from '../../../src/errors.ts';
import type { Study } from '../../../src/study/schema.ts';
import { parseStudy, readStudy, studyFilesBelow, studyText, writeStudy } from '../../../src/study/store.ts';
import { sha256OfJson } from '../../../src/training/fingerprint.ts';
import { study, studyRun } from '../../support/studies.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'studies-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ENDS = [9_800, 9_900, 9_997];
const SMALL = study([studyRun(2, ENDS), studyRun(1, ENDS)]);

function errorOf(act: () => unknown): GateError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(GateError);
    return error as GateError;
  }
  throw new Error('it was accepted');
}

describe('the store of studies', () => {
  test('gives back what was written, by seed, and leaves no other file', () => {
    const file = writeStudy(path.join(folder, 'deep'), SMALL);
    expect(readStudy(file)).toEqual(SMALL);
    expect(SMALL.runs.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(readdirSync(path.dirname(file))).toEqual(['5-lr-scheduler.study.json']);
  });

  test('keeps losses that are not finite', () => {
    const run = studyRun(1);
    const diverged = study([{ ...run, trainLoss: [1, NaN, Infinity], testLoss: [1, -Infinity, NaN] }]);
    const { trainLoss, testLoss } = readStudy(writeStudy(folder, diverged))!.runs[0]!;
    expect(trainLoss).toEqual([1, NaN, Infinity]);
    expect(testLoss).toEqual([1, -Infinity, NaN]);
  });

  test('has a line a run, so that a difference names the seed', () => {
    const [before, after] = [SMALL, study([studyRun(1, ENDS), studyRun(2, [1, 2, 9_997])])].map((each) =>
      studyText(each).split('\n'),
    );
    const changed = after!.filter((line, i) => line !== before![i]);
    expect(changed).toEqual([expect.stringMatching(/^\{"seed":2,/), expect.stringMatching(/^"seal":/)]);
  });

  test('of a backend other than WASM has a file of its own', () => {
    const other = study([studyRun(1)], { backend: { name: 'cpu', version: '4.22.0' } });
    expect(path.basename(writeStudy(folder, other))).toBe('5-lr-scheduler.cpu.study.json');
  });

  test('finds studies in the folders of several legs, and nothing where there is no folder', () => {
    for (const leg of ['leg-10', 'leg-9']) writeStudy(path.join(folder, leg), SMALL);
    mkdirSync(path.join(folder, 'empty'));
    const names = studyFilesBelow(folder).map((file) => path.relative(folder, path.dirname(file)));
    expect(names).toEqual(['leg-9', 'leg-10']);
    expect(studyFilesBelow(path.join(folder, 'none'))).toEqual([]);
  });

  test('has no study where there is no file', () => {
    expect(readStudy(path.join(folder, '1-none.study.json'))).toBeUndefined();
  });

  test('says what cannot be written', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(errorOf(() => writeStudy(path.join(folder, 'file'), SMALL)).message).toContain(
      'cannot be written',
    );
  });

  test('of 20 seeds and 15 epochs takes less than 100 kB', () => {
    const epochs = Array.from({ length: 15 }, (_, i) => 9_930 + i);
    const runs = Array.from({ length: 20 }, (_, i) => studyRun(i + 1, epochs));
    expect(studyText(study(runs)).length).toBeLessThan(100_000);
  });
});

describe('a study that was changed by hand', () => {
  const leaves = leavesOf(SMALL).filter((leaf) => leaf !== 'seal' && leaf !== 'schema');

  test('is refused whichever leaf it is', () => {
    expect(leaves.length).toBeGreaterThan(50);
    for (const leaf of leaves) {
      const json = JSON.parse(studyText(SMALL)) as Record<string, unknown>;
      change(json, leaf.split('/'));
      const { message, exitCode } = errorOf(() => parseStudy(JSON.stringify(json), 'x.study.json'));
      expect(`${leaf}: ${message}`).toMatch(/changed after it was written|not a study/);
      if (message.includes('changed after')) expect(exitCode).toBe(ExitCode.missing);
    }
  });

  test('is refused with a run taken out or put in twice', () => {
    for (const runs of [SMALL.runs.slice(1), [...SMALL.runs, SMALL.runs[0]]]) {
      const text = JSON.stringify({ ...SMALL, runs });
      expect(errorOf(() => parseStudy(text, 'x')).message).toContain('its seal does not fit');
    }
  });

  test('passes with a new seal: what it says is for the audit and the replay to doubt', () => {
    const { seal: _, ...rest } = JSON.parse(studyText(SMALL)) as Study;
    rest.runs[0]!.testCorrect[0] = 9_999;
    const text = JSON.stringify({ ...rest, seal: sha256OfJson(rest) });
    expect(parseStudy(text, 'x').runs[0]!.testCorrect[0]).toBe(9_999);
  });
});

describe('a file that is no study', () => {
  test.each([
    ['not JSON', '{"schema":1,'],
    ['not a study', '{}'],
    ['not a study', JSON.stringify({ ...SMALL, schema: 2 })],
    ['not a study', JSON.stringify({ ...SMALL, more: 1 })],
    ['not a study', JSON.stringify({ ...SMALL, runs: [] })],
  ])('is refused as %s, with what to do: %s', (words, text) => {
    const { message } = errorOf(() => parseStudy(text, '5-lr-scheduler.study.json'));
    expect(message).toContain(`5-lr-scheduler.study.json: ${words}`);
    expect(message).toContain('`npm run study -- 5 --fresh`');
  });
});

function leavesOf(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, entry]) => leavesOf(entry, at === '' ? key : `${at}/${key}`));
}

function change(value: Record<string, unknown>, [first, ...rest]: readonly string[]): void {
  const entry = value[first!];
  if (rest.length > 0) return change(entry as Record<string, unknown>, rest);
  value[first!] = typeof entry === 'number' ? entry + 1 : `${String(entry).slice(0, -1)}0x`;
}
