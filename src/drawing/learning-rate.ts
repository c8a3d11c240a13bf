import { dot, lineY } from '@observablehq/plot';
import { chart } from './chart.ts';
import { paint } from './colours.ts';
import { epochTicks } from './zoom.ts';
import type { Drawing, Words } from './svg.ts';

const HEIGHT = 200;

/** Learning rate at the end of every epoch, on a logarithmic scale where it changes. */
export function drawLearningRate(words: Words, rates: readonly number[]): Drawing {
  const points = rates.map((rate, i) => ({ epoch: i + 1, rate }));
  const logarithmic = rates.every((rate) => rate > 0) && Math.max(...rates) > 2 * Math.min(...rates);
  const place = { x: 'epoch', y: 'rate' } as const;
  return chart(words, {
    height: HEIGHT,
    marginLeft: 60,
    marginTop: 26,
    x: {
      domain: [0.5, rates.length + 0.5],
      ticks: epochTicks(rates.length),
      tickFormat: 'd',
      label: 'epoch',
    },
    y: logarithmic
      ? {
          type: 'log',
          grid: true,
          label: 'learning rate',
          tickFormat: (rate: number) => String(Number(rate.toPrecision(3))),
          ticks: 5,
        }
      : {
          domain: [0, Math.max(Number.MIN_VALUE, ...rates) * 1.5],
          grid: true,
          label: 'learning rate',
          ticks: 4,
        },
    marks: [
      lineY(points, { ...place, stroke: paint('test'), strokeWidth: 2 }),
      dot(points, { ...place, fill: paint('test'), r: 3 }),
    ],
  });
}
