import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  judgeFinalTestAccuracy,
  judgeHeldTestAccuracy,
  judgeParameters,
} from '../../../src/gates/stock-targets.ts';
import { annotationsOf } from '../../../src/github/annotations.ts';
import { bytesOf, STEP_SUMMARY_BYTES } from '../../../src/github/limits.ts';
import { outputsOf } from '../../../src/github/outputs.ts';
import { publish, publishError } from '../../../src/github/publish.ts';
import type { ActionsCore } from '../../../src/github/publish.ts';
import { summarize } from '../../../src/report/summary.ts';
import { evidence } from '../../support/records.ts';
import { hostileSummary } from './hostile.ts';

const place = { root: '/clone/models', workspace: '/clone' };
const small = evidence({ id: '1-small', test: [99, 99.41, 99.5] });
const failing = { ...judgeParameters(small, '<', 100), location: { file: 'spec/a.spec.ts', line: 12 } };
const warned = {
  ...judgeFinalTestAccuracy(small, '>=', 99.9, { level: 'warn' }),
  location: { file: 'spec/b.spec.ts', line: 3 },
};
const met = judgeHeldTestAccuracy(small, 99.4, { from: 2, within: 3 });
const summaryOf = (rows = [met, warned, failing]) =>
  summarize({ rows, evidences: [small], notices: [], failedTests: 0 });

describe('the annotations', { timeout: 60_000 }, () => {
  test('name file and line from the workspace, failures before warnings', () => {
    expect(annotationsOf(summaryOf(), place)).toMatchObject([
      { type: 'error', title: '1-small: parameters: fail', file: 'models/spec/a.spec.ts', line: 12 },
      {
        type: 'warning',
        title: '1-small: final test accuracy: warn',
        file: 'models/spec/b.spec.ts',
        line: 3,
      },
    ]);
    expect(annotationsOf(summaryOf(), place)[0]!.message).toContain(
      'promised parameters < 100; measured: 7,826.',
    );
  });

  test('are none for what is met', () => {
    expect(annotationsOf(summaryOf([met]), place)).toEqual([]);
  });

  test('are ten of many, the last says how many more there are', () => {
    const many = annotationsOf(hostileSummary(1_000), place);
    expect(many).toHaveLength(10);
    // 1,000 rows, one target loosened without a reason, one regression.
    expect(many.at(-1)!.title).toBe('993 more');
    expect(annotationsOf(summaryOf(Array.from({ length: 10 }, () => failing)), place)).toHaveLength(10);
  });

  test('tell of loosened targets and of regressions', () => {
    const loosened = { target: 'a / b <', kind: 'loosened', from: 'b < 1', to: 'b < 2' } as const;
    const comparison = {
      iteration: 'a',
      metric: 'b',
      unit: '',
      base: 1,
      head: 2,
      gain: -1,
      status: 'regression',
    } as const;
    const summary = {
      ...summaryOf([met]),
      targetChanges: [loosened, { ...loosened, reason: 'meant' }],
      comparisons: [comparison],
    };
    expect(annotationsOf(summary, place).map(({ title }) => title)).toEqual([
      'a / b <: loosened',
      'a: b regressed',
    ]);
  });
});

describe('the outputs', () => {
  test('hold the verdict and the accuracy target that is closest to its limit', () => {
    expect(outputsOf(summaryOf(), 'reports/summary.md')).toEqual({
      status: 'fail',
      'exit-code': 1,
      title: '1 fail of 3 targets',
      'summary-path': 'reports/summary.md',
      'worst-margin': -40,
      'worst-margin-target': '1-small: final test accuracy >= 99.9 %, level warn',
    });
  });

  test('leave the margin empty where no accuracy is promised', () => {
    expect(outputsOf(summaryOf([failing]), '')).toMatchObject({
      'worst-margin': '',
      'worst-margin-target': '',
    });
  });
});

describe('a summary is published', { timeout: 60_000 }, () => {
  let folder: string;
  let env: Record<string, string>;
  let told: unknown[][];
  const core: ActionsCore = {
    error: (...args) => void told.push(['error', ...args]),
    warning: (...args) => void told.push(['warning', ...args]),
    setOutput: (...args) => void told.push(['output', ...args]),
  };
  const publishing = () => ({ root: place.root, folder: 'reports', env, core });
  const page = () => readFile(join(folder, 'summary'), 'utf8');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'publish-'));
    told = [];
    env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: '/clone',
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_OUTPUT: 'set',
    };
    await writeFile(join(folder, 'summary'), '');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('to the page, the annotations and the outputs', async () => {
    await publish(summaryOf(), publishing());
    expect(await page()).toContain('1 fail of 3 targets');
    expect(told[0]).toEqual([
      'error',
      expect.any(String),
      { title: '1-small: parameters: fail', file: 'models/spec/a.spec.ts', startLine: 12 },
    ]);
    expect(told).toContainEqual(['output', 'summary-path', 'models/reports/summary.md']);
  });

  test('behind what the step has written, within the limit of both', async () => {
    await writeFile(join(folder, 'summary'), 'x'.repeat(STEP_SUMMARY_BYTES - 20_000));
    await publish(hostileSummary(1_000), publishing());
    expect(bytesOf(await page())).toBeLessThanOrEqual(STEP_SUMMARY_BYTES);
    expect(await page()).toMatch(/\d+ more (?:causes|sections): see the artifacts\./);
  });

  test('only where the variables ask for it', async () => {
    env = {};
    await publish(summaryOf(), publishing());
    env = { GITHUB_OUTPUT: 'set' };
    await publish(summaryOf([failing]), publishing());
    expect(told.map(([kind]) => kind)).toEqual(Array.from({ length: 6 }, () => 'output'));
  });

  test('as an error when the gate could not judge', async () => {
    await publishError('no <data>', 4, publishing());
    expect(await page()).toContain('The gate could not judge\n\nno &#60;data>');
    expect(told).toContainEqual(['error', 'no <data>', { title: 'The gate could not judge' }]);
    expect(told).toContainEqual(['output', 'status', 'fail']);
    expect(told).toContainEqual(['output', 'exit-code', 4]);
  });
});
