import { describe, expect, it } from 'vitest';
import {
  type BackendMeasured,
  type BackendRow,
  backendsMarkdown,
  disagreements,
} from '../../../src/report/backends.ts';

const wasm: BackendMeasured = {
  name: 'wasm',
  version: '4.22.0',
  reason: 'the fallback',
  records: [
    { id: '5-lr', trainedOn: 'wasm', images: 10_000, correct: 9952, recorded: 9952, furthest: 0 },
    { id: '5-lr', trainedOn: 'tensorflow', images: 10_000, correct: 9947, recorded: 9948, furthest: 0 },
  ],
  step: { iteration: '5', images: 64, steps: 40, milliseconds: 10 },
};
const tensorflow: BackendMeasured = {
  ...wasm,
  name: 'tensorflow',
  records: wasm.records.map((record) => ({ ...record, correct: record.recorded!, furthest: 1e-5 })),
  step: { ...wasm.step, milliseconds: 25 },
};
const cpu: BackendMeasured = {
  ...wasm,
  name: 'cpu',
  records: [{ id: '5-lr', trainedOn: 'wasm', images: 50, correct: 49, furthest: 4e-6 }],
  step: { ...wasm.step, images: 4, milliseconds: 2000 },
};
const missing: BackendRow = { name: 'tensorflow', missing: 'tfjs-node is not installed' };

function withRecord(change: Partial<BackendMeasured['records'][number]>): BackendMeasured {
  return { ...tensorflow, records: [{ ...tensorflow.records[0]!, ...change }] };
}

describe('the comparison of backends', () => {
  it('shows each record on each backend beside what is recorded', () => {
    const report = backendsMarkdown([wasm, tensorflow, cpu]);
    expect(report).toContain(
      'Measured: wasm, tensorflow, cpu; they agree to 2 images and 0.001 in every answer.',
    );
    const lines = report.split('\n').filter((line) => line.startsWith('| 5-lr'));
    expect(lines).toEqual([
      '| 5-lr | wasm | 9952 | 9952 of 10000 (0.0e+0) | 9952 of 10000 (1.0e-5) | 49 of 50 (4.0e-6) |',
      '| 5-lr | tensorflow | 9948 | 9947 of 10000 (0.0e+0) | 9948 of 10000 (1.0e-5) | – |',
    ]);
  });

  it('shows the time of a step as a ratio to WASM, for an image where the batches differ', () => {
    const report = backendsMarkdown([wasm, tensorflow, cpu]);
    const step = (name: string) =>
      report
        .split('\n')
        .find((line) => line.startsWith(`| ${name} `))!
        .split(' | ')
        .slice(-2);
    expect(step('wasm')).toEqual(['10.0 (64 images of iteration 5, median of 40)', 'x 1.0 |']);
    expect(step('tensorflow')).toEqual(['25.0 (64 images of iteration 5, median of 40)', 'x 2.5 |']);
    expect(step('cpu')).toEqual(['2000.0 (4 images of iteration 5, median of 40)', 'x 3200 an image |']);
  });

  it('has a row for a backend that is not there, and says why', () => {
    const report = backendsMarkdown([wasm, missing]);
    expect(report).toContain('not measured: tensorflow.');
    expect(report).toContain('| tensorflow | – | not measured (tfjs-node is not installed) | – | – |');
    expect(report).toContain('| 5-lr | wasm | 9952 | 9952 of 10000 (0.0e+0) | – |');
  });

  it.each([
    ['two images fewer', { correct: 9950 }, []],
    [
      'three images fewer',
      { correct: 9949 },
      ['5-lr, trained on wasm, on tensorflow: 9949 images right, recorded 9952'],
    ],
    ['an answer 0.001 away', { furthest: 1e-3 }, []],
    [
      'an answer further away',
      { furthest: 2e-3 },
      ['5-lr, trained on wasm, on tensorflow: answers are up to 2.0e-3 from those of WASM'],
    ],
    [
      'an answer that is no number',
      { furthest: Number.NaN },
      ['5-lr, trained on wasm, on tensorflow: answers are up to NaN from those of WASM'],
    ],
  ])('judges %s', (_, change, faults) => {
    const rows = [wasm, withRecord(change)];
    expect(disagreements(rows)).toEqual(faults);
    for (const fault of faults) expect(backendsMarkdown(rows)).toContain(`- ${fault}`);
  });
});
