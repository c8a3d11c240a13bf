import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { toPlain } from '../../../src/figure.ts';
import { parseAcknowledgements } from '../../../src/gates/loosening.ts';
import { parseLock } from '../../../src/gates/manifest.ts';
import { judgeParameters } from '../../../src/gates/stock-targets.ts';
import type { RunRecord } from '../../../src/record.ts';
import { parseSummary, summarize } from '../../../src/report/summary.ts';
import { parseStudy, studyText } from '../../../src/study/store.ts';
import { sha256OfJson } from '../../../src/training/fingerprint.ts';
import { readRecord, sealed } from '../../../src/training/store.ts';
import { evidence, record } from '../../../spec/support/records.ts';
import { study, studyRun } from '../../../spec/support/studies.ts';
import { FOLDER } from './folder.ts';
import { kindOf } from './kind.ts';
import { changedValue, nearJson, oneByteChanged } from './mutations.ts';

const FILE = join(FOLDER, 'record.json');

const { seal: _, ...FIGURES } = record();
const RECORD = sealed(FIGURES);
const RECORD_BYTES = Buffer.from(JSON.stringify(toPlain(RECORD), null, 1));

function readRecordBytes(bytes: string | Uint8Array): RunRecord {
  writeFileSync(FILE, bytes);
  return readRecord(FILE);
}

const oneByte = kindOf(
  'records with one byte changed',
  oneByteChanged(RECORD_BYTES),
  readRecordBytes,
  // A space between two values that becomes a tab or a line changes nothing.
  (found, bytes) => isDeepStrictEqual(found, RECORD) && withoutSpace(bytes) === withoutSpace(RECORD_BYTES),
);

const records = kindOf('records', nearJson(RECORD), readRecordBytes, (found) =>
  isDeepStrictEqual(found, RECORD),
);

const resealed = kindOf(
  'records changed and sealed anew',
  changedValue(RECORD).map((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
    const { seal: _seal, ...rest } = value as Record<string, unknown>;
    return JSON.stringify({ ...rest, seal: sha256OfJson(rest) });
  }),
  readRecordBytes,
  (found, text) => isPartOf(toPlain(found), JSON.parse(text)),
);

const figure = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
const recordsWritten = kindOf(
  'records, written and read',
  fc.record({
    losses: fc.array(figure, { minLength: 1, maxLength: 6 }),
    name: fc.string({ unit: 'grapheme' }),
    seed: fc.nat(),
  }),
  ({ losses, name, seed }) => {
    const rows = losses.map((loss, i) => ({ ...FIGURES.epochs[0]!, epoch: i + 1, testLoss: loss }));
    const made = sealed({ ...FIGURES, name, seed, epochs: rows });
    return { made, found: readRecordBytes(JSON.stringify(toPlain(made), null, 1)) };
  },
  ({ made, found }, { losses, name }) =>
    isDeepStrictEqual(found, made) &&
    found.name === name &&
    found.epochs.every(({ testLoss }, i) => testLoss === losses[i]! || Number.isNaN(losses[i]!)),
);

const STUDY = study([studyRun(1, [9_990, 9_995]), studyRun(2, [9_991, 9_996])]);
const STUDY_TEXT = studyText(STUDY);

const studies = kindOf(
  'studies',
  fc.oneof(
    nearJson(JSON.parse(STUDY_TEXT)),
    oneByteChanged(Buffer.from(STUDY_TEXT)).map((bytes) => Buffer.from(bytes).toString('utf8')),
  ),
  (text) => parseStudy(text, 'a study'),
  (found, text) =>
    isDeepStrictEqual(found, STUDY) && isDeepStrictEqual(JSON.parse(text), JSON.parse(STUDY_TEXT)),
);

const studiesWritten = kindOf(
  'studies, written and read',
  fc.record({ seeds: fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 5 }), loss: figure }),
  ({ seeds, loss }) => {
    const made = study(seeds.map((seed) => ({ ...studyRun(seed, [9_990]), testLoss: [loss] })));
    return { made, found: parseStudy(studyText(made), 'a study') };
  },
  ({ made, found }) => isDeepStrictEqual(found, made),
);

const LOCK = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../spec/targets.lock.json'), 'utf8'),
) as { targets: unknown[] };
const SHORT_LOCK = { ...LOCK, targets: LOCK.targets.slice(0, 4), seeds: { '5-lr-scheduler': '1-20' } };

const lock = kindOf(
  'locks of targets',
  nearJson(SHORT_LOCK),
  (text) => parseLock(text, 'a lock'),
  (found, text) => isDeepStrictEqual(found, JSON.parse(text)),
);

const ENTRIES = [
  {
    target: '5-lr-scheduler / held test accuracy >=',
    from: '99.4 %',
    to: '99.3 %',
    reason: 'the data set has changed',
  },
  {
    target: '1-skeleton / parameters ==',
    from: '9,714',
    to: 'removed',
    reason: 'it is no longer of interest',
  },
];

const acknowledgements = kindOf(
  'acknowledgements',
  nearJson(ENTRIES),
  (text) => parseAcknowledgements(text, 'spec/loosened.json'),
  (found, text) => isDeepStrictEqual(found, trimmed(JSON.parse(text))),
);

const MEASURED = evidence({ test: [99, 99.5] });
const SUMMARY = summarize({
  rows: [judgeParameters(MEASURED, '<', 8_000)],
  evidences: [MEASURED],
  notices: ['partial run'],
  failedTests: 0,
});

const summaries = kindOf(
  'summary.json',
  nearJson(SUMMARY),
  (text) => parseSummary(text, 'reports/summary.json'),
  ({ findings, ...found }, text) => {
    const json = JSON.parse(text) as { findings?: unknown };
    return (
      isPartOf(found, json) &&
      (json.findings === undefined ? findings.length === 0 : isPartOf(findings, json.findings))
    );
  },
);

export const DOCUMENTS = [
  oneByte,
  records,
  resealed,
  recordsWritten,
  studies,
  studiesWritten,
  lock,
  acknowledgements,
  summaries,
];

/** Everything in `part` is in `whole`, as it is there. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(part, whole);
  if (typeof whole !== 'object' || whole === null || Array.isArray(part) !== Array.isArray(whole))
    return false;
  if (Array.isArray(part) && part.length !== (whole as unknown[]).length) return false;
  return Object.entries(part).every(
    ([key, value]) =>
      value === undefined ||
      (Object.hasOwn(whole, key) && isPartOf(value, (whole as Record<string, unknown>)[key])),
  );
}

function trimmed(json: unknown): unknown {
  return (json as { reason: string }[]).map((entry) => ({ ...entry, reason: entry.reason.trim() }));
}

function withoutSpace(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[ \t\r\n]/g, '');
}
