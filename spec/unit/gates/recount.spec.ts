import { describe, expect, test } from 'vitest';
import { toPlain } from '../../../src/figure.ts';
import { recount, refuseDivided } from '../../../src/gates/recount.ts';
import { judgeFinalTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import type { Verdict } from '../../../src/gates/verdict.ts';
import { evidence } from '../../support/records.ts';

const good = evidence({ test: [99, 99.5] });
const row = judgeFinalTestAccuracy(good, '>=', 99.4);
const failing = judgeFinalTestAccuracy(good, '>=', 99.99);
const of = (verdicts: readonly unknown[], evidences: readonly unknown[] = [toPlain(good)]) =>
  recount({ verdicts, evidences });

describe('rows that a test reports', () => {
  test('stay as they are where their evidence gives them', () => {
    const parameters = judgeParameters(good, '<', 8_000);
    expect(of([row, failing, parameters])).toEqual({
      verdicts: [row, failing, parameters],
      evidences: [good],
    });
  });

  test.each<[string, Partial<Verdict>]>([
    ['a flipped status (D2)', { status: 'pass' }],
    ['a margin that contradicts it (G2)', { status: 'pass', marginImages: -45 }],
    ['another result', { status: 'pass', actual: 99.995, values: [99.995] }],
    ['another total', { total: 9_960 }],
    ['a stronger provenance', { provenance: 'replayed' }],
  ])('are refused for %s', (_, forged) => {
    expect(of([{ ...failing, ...forged }]).verdicts[0]).toMatchObject({
      status: 'refused',
      detail: expect.stringMatching(/^the test says \w+ .*, its evidence gives /),
    });
  });

  test('are refused where the target was softened beside a good status, as the lock is compared with what was judged', () => {
    const [softened] = of([{ ...row, target: 99.99 }]).verdicts;
    expect(softened!.status).toBe('refused');
  });

  test('are refused without an evidence, and with two of one id', () => {
    expect(of([row], []).verdicts[0]).toMatchObject({
      status: 'refused',
      detail: 'the test handed over no evidence for it',
    });
    const other = evidence({ test: [99, 99.6] });
    expect(of([row], [toPlain(good), toPlain(other)]).verdicts[0]!.detail).toBe(
      'the test handed over 2 evidences of 5-lr-scheduler',
    );
  });

  test('are counted where they do not have the form of one: an unknown status is no pass (D2)', () => {
    expect(of([{ ...row, status: 'splendid' }, row, null], [toPlain(good), { id: 'x' }])).toMatchObject({
      verdicts: [row],
      unreadable: '1 evidence without the form of one and 2 rows without the form of one',
    });
  });

  test('survive losses that JSON has no word for', () => {
    const lost = evidence();
    const nan = {
      ...lost,
      runs: lost.runs.map((run) => ({ ...run, epochs: run.epochs.map((e) => ({ ...e, trainLoss: NaN })) })),
    };
    const crossed = JSON.parse(JSON.stringify(toPlain(nan))) as unknown;
    expect(recount({ verdicts: [], evidences: [crossed] }).evidences).toEqual([nan]);
  });
});

describe('one id', () => {
  test('names one network: small for size and large for accuracy is refused (C9)', () => {
    const [small, large] = [evidence({ parameters: 900 }), evidence({ parameters: 90_000 })].map(
      (each, i) => ({
        ...each,
        runs: each.runs.map((run) => ({ ...run, fingerprint: String(i).repeat(64) })),
      }),
    );
    const rows = [judgeParameters(small!, '<', 1_000), judgeFinalTestAccuracy(large!, '>=', 99.4)];
    expect(rows.map(({ status }) => status)).toEqual(['pass', 'pass']);
    expect(refuseDivided(rows, [small!, large!]).map(({ status, detail }) => [status, detail])).toEqual([
      ['refused', '2 networks, recipes or data under one id'],
      ['refused', '2 networks, recipes or data under one id'],
    ]);
    expect(refuseDivided(rows, [small!, small!])).toEqual(rows);
  });
});
