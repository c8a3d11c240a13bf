import { describe, expect, test } from 'vitest';
import { promisedLine } from '../../../src/gates/promised-line.ts';
import {
  judgeFinalTestAccuracy,
  judgeHeldTestAccuracy,
  judgeParameters,
} from '../../../src/gates/stock-targets.ts';
import { evidence } from '../../support/records.ts';

const held = (line: number) => judgeHeldTestAccuracy(evidence(), line, { from: 1, within: 2 });
const end = (line: number) => judgeFinalTestAccuracy(evidence(), '>=', line);
const small = judgeParameters(evidence(), '<', 8_000);

describe('the line that a curve is held against', () => {
  test.each([
    ['is what the iteration promises to hold', [held(97), end(98)], [held(97), held(99), end(98)], 97],
    ['is else the highest that another one promises to hold', [end(98)], [end(98), held(96), held(97)], 97],
    ['is else the end that it promises', [end(90)], [end(90), end(95)], 90],
    ['is else the highest end that another one promises', [small], [small, end(90), end(95)], 95],
    ['is else 100 %, which a stranger did not have put on their table for them', [small], [small], 100],
  ])('%s', (_, own, all, line) => {
    expect(promisedLine(own, all)).toBe(line);
  });
});
