import { describe, expect, test } from 'vitest';
import { declare } from '../../../src/gates/declare.ts';
import { Metric } from '../../../src/gates/verdict.ts';

const of =
  (id: string, target: number, options = {}) =>
  () =>
    declare({ id }, Metric.finalTestAccuracy, '>=', target, '%', options);

describe('a target that cannot be meant (A13)', () => {
  test.each(['../x/y', '', 'a|b c', 'a b|c', 'a/b', '..', 'a..b', '.hidden', 'x'.repeat(101), 'a\nb'])(
    'is refused for the id %j, with one line',
    (id) => {
      expect(of(id, 99.4)).toThrow(/expected an id of letters, digits, dots, hyphens and underscores/);
      expect(of(id, 99.4)).not.toThrow(/\n/);
    },
  );

  test.each(['1-größe', '5-lr-scheduler', '6_wide.v2'])('is taken for the id %j', (id) => {
    expect(of(id, 99.4)()).toMatchObject({ iteration: id, target: 99.4 });
  });

  test('is refused for an accuracy that is a fraction, and says the per cent', () => {
    expect(of('1-a', 0.994)).toThrow(
      '1-a, final test accuracy: accuracies are promised in per cent: 0.994 would be 0.994 %. Write 99.4.',
    );
  });

  test.each([-1, 100.5, NaN, Infinity])('is refused for %d per cent', (target) => {
    expect(of('1-a', target)).toThrow(/^1-a, final test accuracy: expected /);
  });

  test.each([{ from: 0 }, { from: 1.5 }, { within: -3 }, { from: 1, within: NaN }])(
    'is refused for the epochs %j, in words',
    (options) => {
      expect(of('1-a', 99, options)).toThrow(
        /epochs count from 1: expected a whole number for "(from|within)"/,
      );
    },
  );

  test('is refused for a window that ends before it begins, and for a label that reads as a key', () => {
    expect(of('1-a', 99, { from: 5, within: 4 })).toThrow('cannot hold from epoch 5 within 4');
    expect(of('1-a', 99, { label: 'a) >= 1 (b' })).toThrow('expected a label of plain words');
  });
});
