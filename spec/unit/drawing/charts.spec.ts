import { describe, expect, it } from 'vitest';
import { drawConfusion } from '../../../src/drawing/confusion.ts';
import { drawCost } from '../../../src/drawing/cost.ts';
import { drawCurves } from '../../../src/drawing/curves.ts';
import { drawLadder } from '../../../src/drawing/ladder.ts';
import { drawLearningRate } from '../../../src/drawing/learning-rate.ts';
import { drawSeeds } from '../../../src/drawing/seeds.ts';
import { standalone } from '../../../src/drawing/svg.ts';
import { read, textsOf, verticesOf } from './drawing.ts';

const words = { title: 'What it shows', description: 'In a sentence.' };
const run = (seed: number, test: number[], train?: number[]) => ({ seed, test, ...(train ? { train } : {}) });

const drawings = {
  curves: drawCurves(words, [run(1, [98, 99.2, 99.5], [97, 98, 98.9])], { at: 99.4, from: 2 }),
  ladder: drawLadder(words, [{ name: '1 A', about: '10 parameters', runs: [run(1, [99, 99.5])] }], 99.4),
  cost: drawCost(words, [{ label: '1', parameters: 7826, accuracies: [99.5, 99.4] }], [], 99.4),
  confusion: drawConfusion(words, [
    [9, 1],
    [0, 10],
  ]),
  seeds: drawSeeds(words, [{ seed: 1, value: 5, met: true }], { label: 'first epoch', line: 6, step: 1 }),
  learningRate: drawLearningRate(words, [0.2, 0.02, 0.001]),
};

describe.each(Object.entries(drawings))('a drawing of %s', (_, drawing) => {
  it('has a title and a description for screen readers and is one image', () => {
    const [title, description] = read(drawing).children;
    expect(title?.outerHTML).toBe('<title>What it shows</title>');
    expect(description?.outerHTML).toBe('<desc>In a sentence.</desc>');
    expect(read(drawing).getAttribute('role')).toBe('img');
  });

  it('keeps text as text and brings no style of its own into a page', () => {
    expect(textsOf(drawing).length).toBeGreaterThan(0);
    expect(drawing).not.toMatch(/<style|style=|class=|NaN|undefined/);
  });

  it('is light and dark as a file', () => {
    const file = standalone(drawing);
    expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(file).toContain('@media screen and (prefers-color-scheme:dark)');
  });
});

describe('text of others in a drawing', () => {
  it('stays text', () => {
    const hostile = '<script>alert(1)</script>&amp;"\u0000\u001B[31m\uD800';
    const drawn = drawLadder(
      { title: hostile, description: hostile },
      [{ name: hostile, about: hostile, runs: [] }],
      99.4,
    );
    expect(drawn).not.toContain('<script');
    // oxlint-disable-next-line no-control-regex -- that none is left is the point
    expect(drawn).not.toMatch(/[\u0000\u001B\uD800]/);
    expect(read(drawn).querySelector('title')?.textContent).toBe(
      '<script>alert(1)</script>&amp;"\uFFFD\uFFFD[31m\uFFFD',
    );
  });
});

describe('curves', () => {
  const paths = (drawing: string, colour: string) =>
    [...read(drawing).querySelectorAll('path')].filter((path) =>
      (path.parentElement?.getAttribute('stroke') ?? path.getAttribute('stroke'))?.includes(colour),
    );

  /** Pixels from the top: its own shift and that of its group. */
  const heightOf = (label: Element) =>
    [label, label.parentElement!]
      .map((each) => Number(/,(-?[\d.]+)\)/.exec(each.getAttribute('transform') ?? '')?.[1] ?? 0))
      .reduce((sum, y) => sum + y);

  it('put every epoch where its accuracy belongs on the scale', () => {
    const drawn = drawCurves(words, [run(1, [99, 99.5, 99.25])], { at: 99.4 });
    const [a, b, c] = verticesOf(paths(drawn, '--draw-test')[0]!).map(([, y]) => y);
    expect((a! - c!) / (a! - b!)).toBeCloseTo(0.5, 2);
  });

  it('have the base beside them, thin and broken, with its name where no other stands', () => {
    const drawn = drawCurves(words, [run(1, [99, 99.5], [98, 99.45])], { at: 99.4 }, [98.9, 99.48]);
    const [base, ...more] = paths(drawn, '--draw-quiet').filter((path) => path.closest('[stroke-dasharray]'));
    expect(more).toEqual([]);
    expect(verticesOf(base!)).toHaveLength(2);
    const labels = [...read(drawn).querySelectorAll('text')].filter(({ textContent }) =>
      /^(test|train|base) /.test(textContent ?? ''),
    );
    expect(labels.map(({ textContent }) => textContent)).toEqual(['test 99.50', 'train 99.45', 'base 99.48']);
    const heights = labels.map(heightOf);
    for (const [i, height] of heights.entries())
      for (const other of heights.slice(i + 1)) expect(Math.abs(height - other)).toBeGreaterThan(11);
  });

  it('have a line for every seed and one band', () => {
    const drawn = drawCurves(words, [run(1, [99, 99.5]), run(2, [99.1, 99.4]), run(3, [99.2, 99.3])]);
    expect(paths(drawn, '--draw-test')).toHaveLength(3);
    expect(drawn.match(/fill-opacity="0\.16"/g)).toHaveLength(1);
  });

  it('cross out the epochs of the window that miss the line, and no others', () => {
    const crosses = (test: number[]) =>
      paths(drawCurves(words, [run(1, test)], { at: 99.4, from: 2, to: 3 }), '--draw-bad');
    expect(crosses([99, 99.3, 99.5, 99.1])).toHaveLength(1);
    expect(crosses([99, 99.4, 99.5, 99.1])).toHaveLength(0);
  });
});

describe('the ladder', () => {
  it('fills the dots at or above the line', () => {
    const drawn = drawLadder(words, [{ name: 'a', about: '', runs: [run(1, [99.3, 99.4, 99.5])] }], 99.4);
    const circles = [...read(drawn).querySelectorAll('circle')];
    const full = circles.filter((circle) =>
      circle.closest('g[fill]')?.getAttribute('fill')?.includes('test'),
    );
    expect([circles.length, full.length]).toEqual([3, 2]);
    expect(textsOf(drawn)).toContain('99.50');
  });
});

describe('the confusion matrix', () => {
  it('writes out every count, none for a mistake that never happens', () => {
    const counts = textsOf(drawings.confusion).filter((text) => /^\d+$/.test(text));
    expect(counts.toSorted()).toEqual(['0', '0', '1', '1', '1', '10', '9'].toSorted());
  });
});

describe('seeds', () => {
  it('are one dot each, those that broke the promise hollow', () => {
    const figures = [5, 5, 5, 9].map((value, i) => ({ seed: i + 1, value, met: value <= 6 }));
    const drawn = drawSeeds(words, figures, { label: 'first epoch', line: 6, step: 1 });
    const circles = [...read(drawn).querySelectorAll('circle')];
    expect(circles).toHaveLength(4);
    expect(circles.filter((circle) => circle.getAttribute('fill')?.includes('paper'))).toHaveLength(1);
  });
});

describe('seeds that all come to the same', () => {
  it('pile up within the drawing', () => {
    const figures = Array.from({ length: 40 }, (_, i) => ({ seed: i + 1, value: 5, met: true }));
    const drawn = read(drawSeeds(words, figures, { label: 'first epoch', line: 6, step: 1 }));
    const height = Number(drawn.getAttribute('height'));
    const places = [...drawn.querySelectorAll('circle')].map((circle) => Number(circle.getAttribute('cy')));
    expect(places).toHaveLength(40);
    expect(Math.min(...places)).toBeGreaterThan(5);
    expect(Math.max(...places)).toBeLessThan(height);
  });
});

describe('cost', () => {
  it('joins the labels of points that lie on each other and marks the range of several runs', () => {
    const twins = ['2', '3'].map((label) => ({ label, parameters: 7826, accuracies: [99.2, 99.3] }));
    const drawn = drawCost(words, twins, [], 99.4);
    expect(textsOf(drawn)).toContain('2, 3');
    expect(drawn).toContain('--draw-test');
  });
});
