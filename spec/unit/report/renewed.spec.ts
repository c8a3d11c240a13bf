import { expect, test } from 'vitest';
import { describeRenewedRecord, describeTargetChange } from '../../../src/report/renewed.ts';
import { record } from '../../support/records.ts';

test('a record is told beside the one that it replaces', () => {
  const now = record();
  const { testCorrect, testTotal } = now.epochs.at(-1)!;
  const test = `${((100 * testCorrect) / testTotal).toFixed(2)} % of the test images`;
  expect(describeRenewedRecord(undefined, now)).toContain(`${now.id}, seed ${now.seed}: new: ${test}, `);
  expect(describeRenewedRecord(now, now)).toContain('the same to the bit as recorded');
  const worse = { ...now, seal: 'other', epochs: [{ ...now.epochs.at(-1)!, testCorrect: 5_000 }] };
  expect(describeRenewedRecord(now, worse)).toContain(`${test} -> 50.00 % of the test images, `);
});

test('a change of a target is told with both promises', () => {
  const target = '5-x / final test accuracy >=';
  const [from, to] = ['final test accuracy >= 99.4 %', 'final test accuracy >= 99.3 %'];
  expect(describeTargetChange({ target, kind: 'loosened', from, to })).toBe(
    `target loosened: 5-x: ${from} -> ${to}`,
  );
  expect(describeTargetChange({ target, kind: 'added', from: 'none', to })).toBe(`target added: 5-x: ${to}`);
  expect(describeTargetChange({ target, kind: 'removed', from, to: 'removed' })).toBe(
    `target removed: 5-x: ${from}`,
  );
});
