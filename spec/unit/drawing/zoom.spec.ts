import { describe, expect, it } from 'vitest';
import { above, bandOf, epochTicks, zoomOf } from '../../../src/drawing/zoom.ts';

describe('the zoom', () => {
  it('shows 98.5 to 100 for curves that end near 99.5', () => {
    expect(zoomOf([[80, 98, 99.4, 99.5]], 99.4)).toEqual([99.2, 100]);
    expect(zoomOf([[80, 98, 98.87, 99.5]], 99.4)).toEqual([98.5, 100]);
  });

  it('takes in a line that lies lower than the curves, and curves that end lower than the line', () => {
    expect(zoomOf([[99.5, 99.6]], 95)[0]).toBeLessThan(95);
    expect(zoomOf([[10, 20, 40, 42]], 90)[0]).toBeLessThan(40);
  });

  it('never leaves the scale and needs no figures', () => {
    expect(zoomOf([[0, 0]], 50)).toEqual([0, 100]);
    expect(zoomOf([])).toEqual([0, 100]);
    expect(zoomOf([[Number.NaN]])).toEqual([0, 100]);
  });
});

describe('a curve above the edge', () => {
  it('starts where it crosses the edge', () => {
    expect(above([98, 99, 99.5], 98.5)).toEqual([
      [
        { epoch: 1.5, accuracy: 98.5 },
        { epoch: 2, accuracy: 99 },
        { epoch: 3, accuracy: 99.5 },
      ],
    ]);
  });

  it('comes in pieces where it dips under the edge', () => {
    const pieces = above([99, 98, 99], 98.5);
    expect(pieces.map((piece) => piece.map(({ epoch }) => epoch))).toEqual([
      [1, 1.5],
      [2.5, 3],
    ]);
  });

  it('is nothing where it stays under the edge', () => {
    expect(above([10, 20], 98.5)).toEqual([]);
  });
});

describe('the band', () => {
  it('spans the lowest and the highest seed of each epoch', () => {
    const runs = [
      { seed: 1, test: [90, 99] },
      { seed: 2, test: [92, 98] },
    ];
    expect(bandOf(runs, 91)).toEqual([
      { epoch: 1, lowest: 91, highest: 92 },
      { epoch: 2, lowest: 98, highest: 99 },
    ]);
  });

  it('needs more than one seed', () => {
    expect(bandOf([{ seed: 1, test: [90] }], 0)).toEqual([]);
  });
});

describe('ticks of the epochs', () => {
  it('name every epoch of a short training and end with the last of a long one', () => {
    expect(epochTicks(3)).toEqual([1, 2, 3]);
    expect(epochTicks(100).length).toBeLessThan(17);
    expect(epochTicks(100).at(-1)).toBe(100);
  });
});
