import { cell, text } from '@observablehq/plot';
import { chart } from './chart.ts';
import { paint } from './colours.ts';
import type { Drawing, Words } from './svg.ts';

/** Pixels of one class on either axis. */
const CELL = 34;
const EDGE = 52;

/**
 * The confusion matrix ([true class][class read], counts): the diagonal is quiet, a mistake is the darker the more often it
 * happens. Every count but none is written out.
 */
export function drawConfusion(words: Words, matrix: readonly (readonly number[])[]): Drawing {
  const cells = matrix.flatMap((row, truth) => row.map((count, answer) => ({ truth, answer, count })));
  const mistakes = cells.filter(({ truth, answer, count }) => truth !== answer && count > 0);
  const right = cells.filter(({ truth, answer }) => truth === answer);
  const most = Math.max(1, ...mistakes.map(({ count }) => count));
  const classes = matrix.map((_, i) => i);
  const place = { x: 'answer', y: 'truth' } as const;
  return chart(words, {
    width: EDGE + CELL * classes.length + 10,
    height: EDGE + CELL * classes.length + 10,
    marginLeft: EDGE,
    marginBottom: EDGE,
    marginTop: 10,
    marginRight: 10,
    x: { domain: classes, label: 'read as', labelAnchor: 'center', labelArrow: 'none' },
    y: { domain: classes, label: 'is a', labelAnchor: 'center', labelArrow: 'none' },
    marks: [
      cell(cells, { ...place, stroke: paint('faint'), fill: paint('paper'), inset: 0.5 }),
      cell(right, { ...place, fill: paint('test'), fillOpacity: 0.14, inset: 0.5 }),
      cell(mistakes, {
        ...place,
        fill: paint('bad'),
        fillOpacity: ({ count }: { count: number }) => 0.12 + (0.5 * count) / most,
        inset: 0.5,
      }),
      text(right, { ...place, text: 'count', fill: paint('quiet'), fontSize: 10 }),
      text(mistakes, { ...place, text: 'count', fill: paint('ink'), fontWeight: 'bold' }),
    ],
  });
}
