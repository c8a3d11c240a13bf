import { describe, expect, it } from 'vitest';
import { drawNetwork, fieldsOf, type Step } from '../../../src/drawing/network.ts';
import { parseTable } from '../../../src/gates/receptive-field-table.ts';
import { FIELD_OF_28, FIELD_OF_32 } from '../../support/receptive-fields.ts';
import { read, textsOf } from './drawing.ts';

function stepsOf(table: string): Step[] {
  return parseTable(table).map((row) => ({ ...row, field: row.receptiveFieldOut, channels: 4 }));
}

const words = { title: 'A network', description: 'Eight layers.' };

describe('where the field lies', () => {
  it('is exactly the image for the published network of 28 pixels', () => {
    expect(fieldsOf(stepsOf(FIELD_OF_28), 28).at(-1)).toEqual({ low: 0, high: 28, field: 28 });
  });

  it('reaches two pixels beyond every edge for the published network of 32', () => {
    expect(fieldsOf(stepsOf(FIELD_OF_32), 28).at(-1)).toEqual({ low: -2, high: 30, field: 32 });
  });

  it('is the window around the middle pixel after one convolution', () => {
    // 26 outputs of a 3x3 window: number 12 reads pixels 12 to 14.
    expect(fieldsOf(stepsOf(FIELD_OF_28), 28)[0]).toEqual({ low: 12, high: 15, field: 3 });
  });
});

describe('the diagram', () => {
  it('names every layer with its kernel, size, channels and field', () => {
    const texts = textsOf(drawNetwork(words, 28, stepsOf(FIELD_OF_28)));
    expect(texts.filter((text) => text === 'Conv2d')).toHaveLength(6);
    expect(texts).toContain('MaxPool');
    expect(texts).toContain('24 × 24');
    expect(texts).toContain('4 channels');
    expect(texts).toContain('stride 2');
    expect(texts).toContain('28 × 28');
  });

  it('hatches the padding that the field reaches into, and only there', () => {
    const hatched = (table: string) =>
      [...read(drawNetwork(words, 28, stepsOf(table))).querySelectorAll('rect')].filter(
        (rect) => rect.getAttribute('fill') === 'url(#draw-hatch)',
      );
    expect(hatched(FIELD_OF_28)).toHaveLength(0);
    expect(hatched(FIELD_OF_32)).toHaveLength(1);
    expect(textsOf(drawNetwork(words, 28, stepsOf(FIELD_OF_32)))).toContain('2 beyond each edge');
  });

  it('draws maps to scale', () => {
    const sides = [...read(drawNetwork(words, 28, stepsOf(FIELD_OF_28))).querySelectorAll('rect')]
      .filter((rect) => rect.getAttribute('fill')?.includes('--draw-paper'))
      .map((rect) => Number(rect.getAttribute('width')));
    expect(sides[0]! / 28).toBeCloseTo(Math.min(...sides), 1);
    expect(sides).toContain((sides[0]! / 28) * 24);
  });

  it('shows the digit once for the image and once a layer', () => {
    const drawn = drawNetwork(words, 28, stepsOf(FIELD_OF_28), { size: 28, png: 'AAAA' });
    expect(read(drawn).querySelectorAll('image')).toHaveLength(9);
  });
});
