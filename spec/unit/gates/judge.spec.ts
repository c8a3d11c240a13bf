import { describe, expect, test } from 'vitest';
import { known, valueOr } from '../../../src/fact.ts';
import { describeActual } from '../../../src/gates/judge.ts';
import {
  judgeDeadChannels,
  judgeFinalTestAccuracy,
  judgeFinalTrainAccuracy,
  judgeGap,
  judgeHeldTestAccuracy,
  judgeLargestDrop,
  judgeLearning,
  judgeMultiplyAdds,
  judgeParameters,
  judgeReceptiveField,
  judgeReceptiveFieldTable,
} from '../../../src/gates/stock-targets.ts';
import { verdictSchema } from '../../../src/gates/verdict.ts';
import { epoch, evidence } from '../../support/records.ts';

describe('an accuracy', () => {
  test('meets 99.4 % with 9,940 of 10,000 images and misses it with 9,939', () => {
    expect(judgeFinalTestAccuracy(evidence({ test: [99.4] }), '>=', 99.4)).toMatchObject({
      status: 'pass',
      marginImages: 0,
    });
    expect(judgeFinalTestAccuracy(evidence({ test: [99.39] }), '>=', 99.4)).toMatchObject({
      status: 'fail',
      marginImages: -1,
    });
  });

  test.each([
    ['>', 99.4, 'fail', -1],
    ['>', 99.41, 'pass', 0],
    ['<=', 99.4, 'pass', 0],
    ['<=', 99.41, 'fail', -1],
    ['<', 99.39, 'pass', 0],
    ['<', 99.4, 'fail', -1],
  ] as const)(
    'is judged on whole images: %s 99.4 %% with %d %% is a %s by %d',
    (operator, actual, status, marginImages) => {
      const row = judgeFinalTestAccuracy(evidence({ test: [actual] }), operator, 99.4);
      expect(row).toMatchObject({ status, marginImages });
    },
  );

  test('says how many images are to spare and how far another test set could lie', () => {
    const row = judgeFinalTestAccuracy(evidence({ test: [99.41] }), '>=', 99.4);
    expect(describeActual(row)).toBe('99.41 % (1 image to spare of 10,000; 95 % interval 99.24 to 99.54 %)');
  });

  test('is inconclusive when met within sampling error and more was asked', () => {
    const near = judgeFinalTestAccuracy(evidence({ test: [99.41] }), '>=', 99.4, { confidence: true });
    const far = judgeFinalTestAccuracy(evidence({ test: [99.6] }), '>=', 99.4, { confidence: true });
    const missed = judgeFinalTestAccuracy(evidence({ test: [99.39] }), '>=', 99.4, { confidence: true });
    expect([near.status, far.status, missed.status]).toEqual(['inconclusive', 'pass', 'fail']);
  });

  test('on the training images is judged on its own total', () => {
    expect(judgeFinalTrainAccuracy(evidence({ test: [99], train: [99.5] }), '>=', 99.5)).toMatchObject({
      status: 'pass',
      total: 60_000,
    });
  });
});

describe('several seeds', () => {
  const three = evidence([{ test: [99.3] }, { test: [99.5] }, { test: [99.4] }]);

  test.each([
    [undefined, 99.3, 'min'],
    ['median', 99.4, 'median'],
    ['max', 99.5, 'max'],
    ['mean', 99.4, 'mean'],
  ] as const)('are judged by %s: %d %%, and say so', (over, actual, aggregation) => {
    const row = judgeFinalTestAccuracy(three, '>=', 99.4, over ? { over } : {});
    expect(row.actual).toBeCloseTo(actual, 9);
    expect(row).toMatchObject({
      aggregation,
      values: [99.3, 99.5, 99.4],
      status: actual >= 99.4 ? 'pass' : 'fail',
    });
  });

  test('count by the largest value where the target is an upper bound', () => {
    const row = judgeParameters(evidence([{ parameters: 7_000 }, { parameters: 9_000 }]), '<', 8_000);
    expect(row).toMatchObject({ status: 'fail', actual: 9_000, aggregation: 'max' });
  });

  test('are a single run when there is one', () => {
    expect(judgeParameters(evidence(), '<', 8_000).aggregation).toBe('single run');
  });
});

describe('a structural target', () => {
  test('has fewer parameters than the limit, not as many', () => {
    expect(judgeParameters(evidence({ parameters: 8_000 }), '<', 8_000).status).toBe('fail');
    expect(judgeParameters(evidence({ parameters: 7_999 }), '<', 8_000).status).toBe('pass');
  });

  test('has exactly the parameters promised', () => {
    expect(judgeParameters(evidence({ parameters: 7_826 }), '==', 7_826).status).toBe('pass');
    expect(judgeParameters(evidence({ parameters: 7_827 }), '==', 7_826)).toMatchObject({
      status: 'fail',
      actual: 7_827,
    });
  });

  test('bounds the multiply-adds and fixes the receptive field', () => {
    expect(judgeMultiplyAdds(evidence(), '<=', 1_000_000).status).toBe('pass');
    expect(judgeReceptiveField(evidence({ receptiveField: 28 }), '==', 32)).toMatchObject({
      status: 'fail',
      actual: 28,
    });
  });

  test('compares every column of the receptive-field table and names the first that differs', () => {
    const table = '|1|Conv2d|28|3|0|1|26|1|1|1|28|';
    expect(judgeReceptiveFieldTable(evidence(), table).status).toBe('pass');
    const row = judgeReceptiveFieldTable(evidence(), table.replace('|0|1|26|', '|1|1|28|'));
    expect(row).toMatchObject({ status: 'fail', detail: 'row 1, Padding: 0, expected 1' });
  });

  test('misses a row that is not there and a row too many', () => {
    const table = '|1|Conv2d|28|3|0|1|26|1|1|1|28|\n|2|GAP|26|26|0|1|1|1|1|28|53|';
    expect(judgeReceptiveFieldTable(evidence(), table).detail).toContain('row 2 (GAP) is not there');
    const one = evidence();
    const [run] = one.runs;
    const { model } = run!;
    const rows = valueOr(model.receptiveFieldTable, []);
    const twice = { ...model, receptiveFieldTable: known([...rows, ...rows]) };
    const longer = { ...one, runs: [{ ...run!, model: twice }] };
    expect(judgeReceptiveFieldTable(longer, table.split('\n')[0]!)).toMatchObject({
      status: 'fail',
      detail: '2 rows, expected 1',
    });
  });
});

describe('a curve target', () => {
  const curve = evidence({ test: [98, 99.4, 99.45, 99.39, 99.5] });

  test('is judged by its worst epoch, which it names', () => {
    expect(judgeHeldTestAccuracy(curve, 99.4, { from: 2, within: 5 })).toMatchObject({
      status: 'fail',
      actual: 99.39,
      marginImages: -1,
      detail: 'worst epoch: 4',
    });
  });

  test('looks at its window alone, both ends included', () => {
    expect(judgeHeldTestAccuracy(curve, 99.4, { from: 2, within: 3 }).status).toBe('pass');
    expect(judgeHeldTestAccuracy(curve, 99.4, { from: 1, within: 3 }).status).toBe('fail');
  });

  test('is not kept by a run that ends before its last epoch', () => {
    const row = judgeHeldTestAccuracy(curve, 99, { from: 2, within: 6 });
    expect(row).toMatchObject({
      status: 'fail',
      actual: null,
      detail: 'trained for 5 epochs, 6 are promised',
    });
  });

  test('cannot end before it begins', () => {
    expect(() => judgeHeldTestAccuracy(curve, 99, { from: 3, within: 2 })).toThrow('give from <= within');
  });

  test('measures the largest drop between neighbouring epochs from an epoch on', () => {
    const bouncing = evidence({ test: [99, 98, 99.4, 99.3, 99.5] });
    expect(judgeLargestDrop(bouncing, 0.1, { from: 3 })).toMatchObject({ status: 'pass', actual: 0.1 });
    expect(judgeLargestDrop(bouncing, 0.1, { from: 1 })).toMatchObject({ status: 'fail', actual: 1 });
    expect(judgeLargestDrop(bouncing, 0.1, { from: 5 })).toMatchObject({ status: 'fail', actual: null });
  });
});

describe('dead channels', () => {
  const withDead = (...dead: string[]) => {
    const made = evidence();
    return {
      ...made,
      runs: made.runs.map((run) => ({ ...run, deadChannels: known({ images: 500, channels: 79, dead }) })),
    };
  };

  test('are counted and named', () => {
    expect(judgeDeadChannels(withDead(), '==', 0)).toMatchObject({ status: 'pass', actual: 0 });
    expect(judgeDeadChannels(withDead('relu3[4]', 'relu5[0]'), '==', 0)).toMatchObject({
      status: 'fail',
      actual: 2,
      detail: 'relu3[4], relu5[0]',
    });
  });

  test('are not taken for none where a record does not say', () => {
    expect(judgeDeadChannels(evidence(), '==', 0)).toMatchObject({
      status: 'error',
      actual: null,
      detail: 'dead channels unknown: the record is made up',
    });
  });
});

describe('overfitting', () => {
  test('is the lead of the training images over the test images, without float dust', () => {
    const row = judgeGap(evidence({ test: [99.3], train: [99.4] }), '<=', 0.1);
    expect(row).toMatchObject({ status: 'pass', actual: 0.1 });
    expect(judgeGap(evidence({ test: [99.3], train: [99.4] }), '>=', 0.2).status).toBe('fail');
  });
});

describe('learning', () => {
  const learning = { margin: 80, lossRatio: 0.5 };

  test('is a lead over the majority class, finite losses and a falling train loss', () => {
    const rows = judgeLearning(evidence({ test: [90, 95, 99] }), learning);
    expect(rows.map(({ metric, actual, status }) => [metric, actual, status])).toEqual([
      ['lead over the majority class', 89, 'pass'],
      ['non-finite losses', 0, 'pass'],
      ['last over first train loss', 0.333333333, 'pass'],
    ]);
  });

  test('is denied to a model that answers one class, loses its loss or stands still', () => {
    const trivial = judgeLearning(evidence({ test: [10, 10, 10] }), learning);
    expect(trivial[0]).toMatchObject({ status: 'fail', actual: 0 });
    const one = evidence({ test: [99, 99] });
    const epochs = [epoch(1, 99), { ...epoch(2, 99), trainLoss: Number.NaN }];
    const lost = judgeLearning({ ...one, runs: [{ ...one.runs[0]!, epochs }] }, learning);
    expect(lost.map(({ status }) => status)).toEqual(['pass', 'fail', 'error']);
  });
});

describe('a verdict', () => {
  test('has a remedy when it fails and none when it passes', () => {
    expect(judgeParameters(evidence(), '<', 8_000).remedy).toBe('');
    expect(judgeParameters(evidence(), '<', 7_000).remedy).toContain('filters of each convolution');
    expect(judgeParameters(evidence(), '<', 7_000, { label: 'soft' }).remedy).toContain(
      'filters of each convolution',
    );
  });

  test('is a warning, not a failure, at level warn', () => {
    expect(judgeParameters(evidence(), '<', 7_000, { level: 'warn' }).status).toBe('warn');
  });

  test('says where its figures come from', () => {
    const recorded = evidence({}, 'recorded');
    expect(judgeFinalTestAccuracy(recorded, '>=', 99).provenance).toBe('recorded');
    expect(judgeParameters(recorded, '<', 8_000).provenance).toBe('built');
  });

  test('fits the schema', () => {
    const rows = [
      judgeParameters(evidence(), '<', 7_000),
      ...judgeLearning(evidence(), { margin: 1, lossRatio: 1 }),
    ];
    for (const row of rows) expect(verdictSchema.parse(row)).toEqual(row);
  });
});
