import { describe, expect, test } from 'vitest';
import { judgeParameters } from '../../../src/gates/stock-targets.ts';
import {
  analysisOf,
  bounceSentence,
  changeSentence,
  confusionSentence,
  consistencySentence,
  gapSentence,
  resultsOf,
} from '../../../src/report/analysis.ts';
import { withResults } from '../../../src/report/readme.ts';
import { evidence, record } from '../../support/records.ts';

describe('the analysis', () => {
  test('says that a model overfits only if training is ahead by more than 0.1 points', () => {
    expect(gapSentence(record({ test: [99.2], train: [99.5] }))).toBe(
      'It overfits: over the last five epochs train accuracy is 0.30 points above test accuracy.',
    );
    expect(gapSentence(record({ test: [99.4], train: [99.45] }))).toContain('does not overfit');
    expect(gapSentence(record({ test: [99.4], train: [98.7] }))).toContain(
      'test accuracy is 0.70 points above',
    );
  });

  test('names the epoch from which the target is held, or how often it is missed', () => {
    expect(consistencySentence(record({ test: [99, 99.4, 99.5] }))).toContain('in every epoch from 2 to 3');
    expect(consistencySentence(record({ test: [99, 99.4, 99.39] }))).toContain(
      'in 1 of 3 epochs, and not in the last',
    );
    expect(consistencySentence(record({ test: [99, 99.1] }))).toContain('never reaches 99.4 %');
  });

  test('says that test accuracy bounces only if the last epochs lie apart', () => {
    expect(bounceSentence(record({ test: [90, 99.4, 99.45, 99.5, 99.5, 99.5] }))).toContain('It is steady');
    expect(bounceSentence(record({ test: [99.4, 99.2, 99.5, 99.3, 99.5] }))).toContain(
      'between 99.20 and 99.50 %',
    );
    expect(bounceSentence(record({ test: [99.4, 99.2, 99.5, 99.3, 99.5] }))).toContain('It bounces');
  });

  test('names the most frequent mistakes', () => {
    expect(confusionSentence(record({ test: [99.5] }))).toBe('Most frequent mistakes: 6 read as 0 (50).');
    expect(confusionSentence(record({ test: [100] }))).toBe('It makes no mistake on the test images.');
  });

  test('compares with the iteration before, and says when the test set cannot tell', () => {
    const before = record({ id: '4', test: [99.3], train: [99.5] });
    expect(changeSentence(record({ test: [99.35], train: [99.3] }), before)).toBe(
      'Against 4: test accuracy +0.05 points (within the sampling error of the test set), gap -0.25 points.',
    );
    expect(changeSentence(record({ test: [99.6], train: [99.3] }), before)).toContain(
      'test accuracy +0.30 points, gap',
    );
  });

  test('tells target, result and analysis of every iteration in order', () => {
    const records = [record({ id: '1-a', name: 'A' }), record({ id: '2-b', name: 'B' })];
    const targets = [judgeParameters(evidence({ id: '2-b' }), '<', 8_000)];
    const text = analysisOf(records, targets);
    expect(text).toMatch(
      /### 1-a: A[^]*Target:\*\* none[^]*### 2-b: B[^]*Target:\*\* parameters &#60; 8,000[^]*Against 1-a/,
    );
    expect(resultsOf(records).split('\n')).toHaveLength(4);
  });
});

describe('the README', () => {
  test('has its results between two markers, and keeps all else', () => {
    const readme = 'before\n<!-- results:begin -->\nold\n<!-- results:end -->\nafter\n';
    const renewed = withResults(readme, [record()], []);
    expect(renewed).toMatch(/^before\n<!-- results:begin -->\n[^]*7,826[^]*<!-- results:end -->\nafter\n$/);
    expect(renewed).not.toContain('old');
    expect(withResults(renewed, [record()], [])).toBe(renewed);
  });

  test('must have its markers', () => {
    expect(() => withResults('nothing', [], [])).toThrow('README.md needs the lines');
  });
});
