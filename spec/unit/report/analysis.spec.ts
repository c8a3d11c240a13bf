import { describe, expect, test } from 'vitest';
import { judgeHeldTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import {
  analysisSentences,
  bounceSentence,
  changeSentence,
  confusionSentence,
  consistencySentence,
  gapSentence,
  targetSentence,
} from '../../../src/report/analysis.ts';
import { betweenMarkers } from '../../../src/report/markers.ts';
import { smallTable, toResults } from '../../../src/report/results.ts';
import { describeEvidence } from '../../../src/report/summary.ts';
import { evidence } from '../../support/records.ts';

/** Of a project of which some iteration promises to hold 99.4 %. */
const line = judgeHeldTestAccuracy(evidence({ id: '9-held' }), 99.4, { from: 1, within: 2 });
const figures = (given: Parameters<typeof evidence>[0] = {}) => describeEvidence(evidence(given), [], [line]);

describe('the analysis', () => {
  test('says that a model overfits only if training is ahead by more than 0.1 points', () => {
    expect(gapSentence(figures({ test: [99.2], train: [99.5] }))).toBe(
      'It overfits: over the last five epochs train accuracy is 0.30 points above test accuracy.',
    );
    expect(gapSentence(figures({ test: [99.4], train: [99.45] }))).toContain('does not overfit');
    expect(gapSentence(figures({ test: [99.4], train: [98.7] }))).toContain(
      'test accuracy is 0.70 points above',
    );
  });

  test('names the epoch from which the target is held, or how often it is missed', () => {
    expect(consistencySentence(figures({ test: [99, 99.4, 99.5] }))).toContain('in every epoch from 2 to 3');
    expect(consistencySentence(figures({ test: [99, 99.4, 99.39] }))).toContain(
      'in 1 of 3 epochs, and not in the last',
    );
    expect(consistencySentence(figures({ test: [99, 99.1] }))).toContain('never reaches 99.4 %');
  });

  test('says that test accuracy bounces only if the last epochs lie apart', () => {
    expect(bounceSentence(figures({ test: [90, 99.4, 99.45, 99.5, 99.5, 99.5] }))).toContain('It is steady');
    expect(bounceSentence(figures({ test: [99.4, 99.2, 99.5, 99.3, 99.5] }))).toContain(
      'between 99.20 and 99.50 %',
    );
    expect(bounceSentence(figures({ test: [99.4, 99.2, 99.5, 99.3, 99.5] }))).toContain('It bounces');
  });

  test('names the most frequent mistakes', () => {
    expect(confusionSentence(figures({ test: [99.5] }))).toBe('Most frequent mistakes: 6 read as 0 (50).');
    expect(confusionSentence(figures({ test: [100] }))).toBe('It makes no mistake on the test images.');
  });

  test('compares with the iteration before, and says when the test set cannot tell', () => {
    const before = figures({ id: '4', test: [99.3], train: [99.5] });
    expect(changeSentence(figures({ test: [99.35], train: [99.3] }), before)).toBe(
      'Against 4: test accuracy +0.05 points (within the sampling error of the test set), gap -0.25 points.',
    );
    expect(changeSentence(figures({ test: [99.6], train: [99.3] }), before)).toContain(
      'test accuracy +0.30 points, gap',
    );
  });

  test('tells target, result and analysis of every iteration in order, with its pictures', () => {
    const second = evidence({ id: '2-b', name: 'B' });
    const iterations = [
      figures({ id: '1-a', name: 'A' }),
      describeEvidence(second, [judgeParameters(second, '<', 8_000)], [line]),
    ];
    const text = toResults(iterations, ({ id }) => ({
      curves: `${id}.svg`,
      confusion: `${id}-confusion.svg`,
      learningRate: undefined,
      network: undefined,
      seeds: [],
    }));
    expect(text).toMatch(
      /## 1-a: A[^]*Target:\*\* none[^]*1-a\.svg[^]*## 2-b: B[^]*Target:\*\* parameters < 8,000[^]*Against 1-a/,
    );
    expect(smallTable(iterations).split('\n')).toHaveLength(4);
    expect(analysisSentences(iterations[0]!)).toHaveLength(4);
  });

  test('tells mean, spread and lowest of several seeds, and how many hold the line', () => {
    const seeds = figures([{ test: [99, 99.5] }, { test: [99, 99.4] }, { test: [99, 99.3] }]);
    const early = figures([{ test: [99.4, 99.5] }, { test: [99, 99.4] }]);
    const never = figures([{ test: [99, 99.1] }, { test: [99, 99.2] }]);
    expect(smallTable([seeds]).split('\n').at(-1)).toMatch(
      /\| 99\.40 ± 0\.100 \| 99\.30 \| 2 of 3, from 2 \|$/,
    );
    expect(smallTable([early])).toContain('| 2 of 2, from 1 to 2 |');
    expect(smallTable([never])).toContain('| 0 of 2 |');
  });

  test('says which table is promised in words, not by its hash', () => {
    const table = {
      metric: 'receptive field table',
      operator: '==',
      target: '8 rows, 8390c8f24130',
    } as const;
    const field = { metric: 'receptive field', operator: '==', target: 28, unit: 'px' } as const;
    const rest = { iteration: '1-a', unit: '', level: 'error', over: 'min' } as const;
    expect(
      targetSentence([
        { ...rest, ...field },
        { ...rest, ...table },
      ]),
    ).toBe('receptive field = 28 px; receptive field as in the published table (8 layers, 28 px)');
  });
});

describe('a document', () => {
  test('has its results between two markers, and keeps all else', () => {
    const text = 'before\n<!-- results:begin -->\nold\n<!-- results:end -->\nafter\n';
    const renewed = betweenMarkers('README.md', text, 'new');
    expect(renewed).toBe('before\n<!-- results:begin -->\n\nnew\n\n<!-- results:end -->\nafter\n');
    expect(betweenMarkers('README.md', renewed, 'new')).toBe(renewed);
  });

  test('must have its markers', () => {
    expect(() => betweenMarkers('README.md', 'nothing', '')).toThrow('README.md needs the lines');
  });
});
