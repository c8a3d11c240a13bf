import { plot } from '@observablehq/plot';
import type { PlotOptions } from '@observablehq/plot';
import { type Drawing, svgDocument, toDrawing, type Words } from './svg.ts';

/** Pixels of a chart that has a page's column to itself. */
export const WIDTH = 680;
const HEIGHT = 300;

/** A chart of Observable Plot as a drawing. Options that make HTML (title, caption, legends) are not for it. */
export function chart(words: Words, options: PlotOptions): Drawing {
  const made = plot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 48,
    marginBottom: 42,
    document: svgDocument,
    ...options,
  });
  return toDrawing(made, words);
}

/** "99.40": a share in per cent, as every table has it. */
export function perCent(value: number): string {
  return value.toFixed(2);
}
