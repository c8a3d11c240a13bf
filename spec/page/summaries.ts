import { readFileSync } from 'node:fs';
import {
  judgeFinalTestAccuracy,
  judgeHeldTestAccuracy,
  judgeParameters,
} from '../../src/gates/stock-targets.ts';
import { summarize } from '../../src/report/summary.ts';
import type { Summary } from '../../src/report/summary.ts';
import { judgeTarget } from '../../src/gates/judge-target.ts';
import { LOCK_FILE, parseLock } from '../../src/gates/manifest.ts';
import { targetSchema } from '../../src/gates/verdict.ts';
import { onePerIteration, readRecords, withStudy } from '../../src/report/read-records.ts';
import { MISREAD_MOST } from '../../src/training/misread.ts';
import { evidence, record } from '../support/records.ts';

/** One white pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsRXgbAAAAABJRU5ErkJggg==';

const misread = [
  { index: 8, truth: 5, answer: 6, confidence: 0.93, image: { width: 1, height: 1, png: PNG } },
  { index: 18, truth: 3, answer: 5, confidence: 0.51, image: { width: 1, height: 1, png: PNG } },
];

const first = evidence({ id: '1-first', name: 'First', test: [98, 99, 99.2], train: [97, 98, 99] });
const second = {
  ...evidence([
    { id: '2-second', name: 'Second', test: [99, 99.45, 99.5], train: [97, 98, 99] },
    { id: '2-second', name: 'Second', test: [99, 99.42, 99.44], train: [97, 98, 99] },
  ]),
  misread,
};

/** Two iterations, the first one a point short of its target. */
export function failing(): Summary {
  return summarize({
    rows: [
      judgeParameters(first, '<', 8_000),
      judgeFinalTestAccuracy(first, '>=', 99.4),
      judgeParameters(second, '<', 8_000),
      { ...judgeHeldTestAccuracy(second, 99.4, { from: 2, within: 3 }), base: 99.35 },
    ],
    evidences: [first, second],
    notices: ['a note'],
    failedTests: 0,
    baseRecords: [record({ id: '2-second', name: 'Second', test: [98.9, 99.3, 99.4] })],
    comparisons: [
      {
        iteration: '2-second',
        metric: 'final test accuracy',
        unit: 'points',
        base: 99.4,
        head: 99.5,
        gain: 0.1,
        status: 'better',
      },
    ],
  });
}

/** What the records and studies in runs/ make of the lock, with as many misread digits as there can be: all are the same one. */
export async function committed(): Promise<Summary> {
  const lock = parseLock(readFileSync(LOCK_FILE, 'utf8'), LOCK_FILE);
  const records = onePerIteration(await readRecords('runs'), 'wasm');
  const png = readFileSync('docs/pictures/digit.png', 'base64');
  const digits = Array.from({ length: MISREAD_MOST }, (_, index) => ({
    index,
    truth: 3,
    answer: 5,
    confidence: 0.9,
    image: { width: 28, height: 28, png },
  }));
  const evidences = records.map((record) => ({
    id: record.id,
    name: record.name,
    runs: withStudy(record, 'runs').runs,
    provenance: 'recorded' as const,
    note: 'as in runs/',
    misread: digits,
  }));
  const rows = lock.targets.flatMap((target) => {
    const found = evidences.find(({ id }) => id === target.iteration);
    return found ? [judgeTarget(targetSchema.parse(target), found)] : [];
  });
  return summarize({ rows, evidences, notices: [], failedTests: 0 });
}
