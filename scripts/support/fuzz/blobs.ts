import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { createVitest } from 'vitest/node';
import { ExitCode, GateError } from '../../../src/errors.ts';
import { LOCK_FILE, parseLock } from '../../../src/gates/manifest.ts';
import { targetOf } from '../../../src/gates/verdict.ts';
import { conclude } from '../../../src/report/conclude.ts';
import { sourceOf } from '../../../src/matchers/source.ts';
import { collectBlobs, mergeBlobs } from '../../../src/report/merge-blobs.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { FOLDER } from './folder.ts';
import { kindOf, type Kind } from './kind.ts';
import { nearJson, oneByteChanged } from './mutations.ts';

/** The small project of the gate's own specs. */
const PROJECT = resolve(import.meta.dirname, '../../../spec/fixtures/gate');
const BLOBS = join(FOLDER, 'blobs');
const BLOB = join(BLOBS, '1.json');

/** What a leg of a matrix leaves for `merge`, of a real run. */
export async function blobKind(): Promise<Kind> {
  mkdirSync(BLOBS);
  const bytes = await realBlob();
  const rows = rowsOf(await judged(bytes));
  return kindOf(
    'blobs',
    fc.oneof(
      nearJson(JSON.parse(bytes.toString('utf8'))).map((text) => Buffer.from(text)),
      oneByteChanged(bytes),
    ),
    judged,
    (summary) => isDeepStrictEqual(rowsOf(summary), rows),
  );
}

async function realBlob(): Promise<Buffer> {
  const vitest = await createVitest('test', {
    root: PROJECT,
    watch: false,
    reporters: [['blob', { outputFile: BLOB }]],
  });
  try {
    await vitest.start();
  } finally {
    await vitest.close();
  }
  return readFileSync(BLOB);
}

/** As `merge` judges it, with nothing printed and nothing written. Throws GateError where the verdict is red. */
async function judged(bytes: Uint8Array): Promise<Summary> {
  writeFileSync(BLOB, bytes);
  const exitCode = process.exitCode;
  let strayErrors = 0;
  const vitest = await mergeBlobs(BLOBS, {
    root: PROJECT,
    config: false,
    reporters: [{ onTestRunEnd: (_, errors) => void (strayErrors = errors.length) }],
  }).finally(() => (process.exitCode = exitCode));
  const lock = parseLock(readFileSync(join(PROJECT, LOCK_FILE), 'utf8'), LOCK_FILE);
  const specs = lock.targets.map(({ spec }) => spec);
  const collected = collectBlobs(vitest, { root: PROJECT, specs, lines: false }, sourceOf(PROJECT));
  const scope = { ci: true, filters: [] };
  const summary = await conclude(collected, lock, { root: PROJECT, scope, base: undefined, strayErrors });
  if (summary.verdict.exitCode !== ExitCode.ok) throw new GateError(summary.verdict.title);
  return summary;
}

/** What is promised and what was measured, without words and places. */
function rowsOf({ iterations }: Summary) {
  return iterations.flatMap(({ targets }) =>
    targets.map((row) => {
      const { actual, values, aggregation, interval, marginImages, total, status, provenance } = row;
      return {
        target: targetOf(row),
        actual,
        values,
        aggregation,
        interval,
        marginImages,
        total,
        status,
        provenance,
      };
    }),
  );
}
