import { describe, expect, test } from 'vitest';
import { known, unknown } from '../../../src/fact.ts';
import { declare } from '../../../src/gates/declare.ts';
import { judgeTarget } from '../../../src/gates/judge-target.ts';
import {
  judgeHeldTestAccuracy,
  judgeLearning,
  judgeMultiplyAdds,
  judgeParameters,
  judgeReceptiveField,
} from '../../../src/gates/stock-targets.ts';
import { Metric } from '../../../src/gates/verdict.ts';
import type { Evidence, RunRecord } from '../../../src/record.ts';
import { epoch, evidence } from '../../support/records.ts';

const withRun = (change: (run: RunRecord) => RunRecord, of = evidence()): Evidence => ({
  ...of,
  runs: of.runs.map(change),
});
const withModel = (model: Partial<RunRecord['model']>) =>
  withRun((run) => ({ ...run, model: { ...run.model, ...model } }));

describe('an unknown fact', () => {
  test('is an error with its reason, never a number: receptive field (A1)', () => {
    const merged = withModel({ receptiveField: unknown('layer "add1" merges two paths') });
    for (const [operator, pixels] of [
      ['==', 0],
      ['<=', 5],
      ['>=', 0],
    ] as const) {
      expect(judgeReceptiveField(merged, operator, pixels)).toMatchObject({
        status: 'error',
        actual: null,
        detail: 'receptive field unknown: layer "add1" merges two paths',
      });
    }
  });

  test('is an error with its reason, never a number: multiply-adds of a size that is left open (A2)', () => {
    const open = withModel({ multiplyAdds: unknown('the size of the output of "conv1" is not known') });
    expect(judgeMultiplyAdds(open, '<=', 1_000)).toMatchObject({
      status: 'error',
      actual: null,
      detail: expect.stringContaining('"conv1"'),
    });
  });

  test('of one run is not hidden by another run', () => {
    const two = evidence([{}, {}]);
    const half = {
      ...two,
      runs: two.runs.map((run, i) =>
        i === 0 ? run : { ...run, model: { ...run.model, parameters: unknown('not built') } },
      ),
    };
    expect(judgeParameters(half, '<', 8_000)).toMatchObject({ status: 'error', values: [7_826, null] });
  });
});

describe('a loss that is no number (A3)', () => {
  const lost = (trainLoss: number) =>
    withRun((run) => ({ ...run, epochs: [epoch(1, 99), { ...epoch(2, 99), trainLoss }] }));

  test.each([NaN, Infinity, -Infinity])('is counted, and its ratio is not measured: %d', (loss) => {
    const rows = judgeLearning(lost(loss), { margin: 80, lossRatio: 0.5 });
    expect(rows.map(({ status, actual }) => [status, actual])).toEqual([
      ['pass', 89],
      ['fail', 1],
      ['error', null],
    ]);
    expect(rows[2]!.detail).toBe(`last over first train loss unknown: the train loss of epoch 2 is ${loss}`);
  });

  test('in the first epoch does not make the ratio 0', () => {
    const first = withRun((run) => ({
      ...run,
      epochs: [{ ...epoch(1, 99), trainLoss: Infinity }, epoch(2, 99)],
    }));
    expect(judgeLearning(first, { margin: 80, lossRatio: 0.5 })[2]).toMatchObject({ status: 'error' });
  });
});

describe('a field that differs along the axes', () => {
  const flat = withModel({ receptiveField: known({ height: 5, width: 9 }) });

  test('is judged by the axis that keeps the promise less well', () => {
    expect(judgeReceptiveField(flat, '>=', 6)).toMatchObject({ status: 'fail', actual: 5 });
    expect(judgeReceptiveField(flat, '<=', 6)).toMatchObject({ status: 'fail', actual: 9 });
    expect(judgeReceptiveField(flat, '==', 5)).toMatchObject({ status: 'fail', actual: 9 });
    expect(judgeReceptiveField(flat, '==', 9)).toMatchObject({ status: 'fail', actual: 5 });
  });
});

describe('runs that are no evidence', () => {
  const target = declare(evidence(), Metric.parameters, '<', 8_000, '');
  const refusal = (of: Evidence) => judgeTarget(target, of);

  test.each<[string, Evidence, string]>([
    ['no run at all (G5)', { ...evidence(), runs: [] }, 'the evidence has no run'],
    [
      'another iteration',
      { ...evidence(), id: '1-other' },
      'the evidence is of 1-other, not of 5-lr-scheduler',
    ],
    [
      'a run of another iteration (E4)',
      withRun((run) => ({ ...run, id: '1-other' })),
      'the evidence of 5-lr-scheduler holds a run of 1-other',
    ],
    [
      'three copies of a good run (G6)',
      evidence([{ seed: 1 }, { seed: 1 }, { seed: 1 }]),
      'seed 1 is there twice',
    ],
    [
      'two networks under one id (C9)',
      {
        ...evidence([{}, {}]),
        runs: evidence([{}, {}]).runs.map((run, i) => ({ ...run, fingerprint: String(i).repeat(64) })),
      },
      'its runs are of different networks, recipes or data under one id',
    ],
  ])('are refused: %s', (_, of, detail) => {
    expect(refusal(of)).toMatchObject({ status: 'refused', actual: null, detail });
  });

  test('are refused for an accuracy on inputs that were trained on, above 0.1 % (E6)', () => {
    const repeated = (count: number) =>
      withRun((run) => ({ ...run, data: { ...run.data, repeated: count } }));
    const accuracy = declare(evidence(), Metric.finalTestAccuracy, '>=', 99, '%');
    expect(judgeTarget(accuracy, repeated(10)).status).toBe('pass');
    expect(judgeTarget(accuracy, repeated(11))).toMatchObject({
      status: 'refused',
      detail: '11 of 10000 test inputs also are training inputs (0.11 %, at most 0.1 %)',
    });
    expect(judgeTarget(target, repeated(10_000)).status).toBe('pass');
  });
});

describe('where the figures of a row come from', () => {
  test('is told row by row: a measurement of the weights says nothing of earlier epochs (E1)', () => {
    const of = evidence({ test: [99, 99.4, 99.5] }, 're-evaluated');
    const learning = judgeLearning(of, { margin: 80, lossRatio: 0.5 });
    expect(judgeParameters(of, '<', 8_000).provenance).toBe('built');
    expect(learning.map(({ provenance }) => provenance)).toEqual(['re-evaluated', 'recorded', 'recorded']);
    expect(judgeHeldTestAccuracy(of, 99, { from: 2, within: 3 }).provenance).toBe('recorded');
    expect(judgeHeldTestAccuracy(of, 99, { from: 3, within: 3 }).provenance).toBe('re-evaluated');
  });

  test.each(['trained', 'replayed'] as const)('is the training run where it was %s', (provenance) => {
    const of = evidence({ test: [99, 99.4, 99.5] }, provenance);
    expect(judgeHeldTestAccuracy(of, 99, { from: 2, within: 3 }).provenance).toBe(provenance);
  });
});

test('a promise on a metric that no gate knows is refused with its words', () => {
  const target = { ...declare(evidence(), 'charm', '>=', 3, ''), metric: 'charm' };
  expect(() => judgeTarget(target, evidence())).toThrow('No gate of this version judges "charm >= 3".');
});
