import { axisX, dot, dodgeY, ruleX, text } from '@observablehq/plot';
import { chart, WIDTH } from './chart.ts';
import { paint } from './colours.ts';
import type { Drawing, Words } from './svg.ts';

/** What one seed came to. */
export interface SeedFigure {
  readonly seed: number;
  readonly value: number;
  readonly met: boolean;
}

export interface SeedScale {
  readonly label: string;
  /** Where the target is, if it is one of this figure. */
  readonly line?: number;
  /** Figures are rounded to this, so that equal ones pile up. */
  readonly step: number;
}

/** Pixels beside the dots: the line's label above, the axis below. */
const TOP = 24;
const BOTTOM = 40;
const SIDE = 20;
const LEAST = 86;
const RADIUS = 5.5;
/** Of a dot and its stroke in a pile. */
const PITCH = 2 * RADIUS + 1;

/** A histogram in which every seed is a dot that can be counted: full where the promise was kept, hollow where not. */
export function drawSeeds(
  words: Words,
  figures: readonly SeedFigure[],
  { label, line, step }: SeedScale,
): Drawing {
  const rounded = figures.map((figure) => ({ ...figure, value: Math.round(figure.value / step) * step }));
  const values = [...rounded.map(({ value }) => value), ...(line === undefined ? [] : [line])];
  const edge = Math.max(0.6 * step, (Math.max(...values) - Math.min(...values)) * 0.06);
  const domain: [number, number] = [Math.min(...values) - edge, Math.max(...values) + edge];
  return chart(words, {
    height: TOP + BOTTOM + Math.max(LEAST, PITCH * (tallestPile(rounded, domain) + 1)),
    marginTop: TOP,
    marginLeft: SIDE,
    marginRight: SIDE,
    marginBottom: BOTTOM,
    x: { domain, label },
    marks: [
      axisX(step >= 1 ? { tickFormat: 'd', interval: 1 } : {}),
      ...(line === undefined
        ? []
        : [
            ruleX([line], { stroke: paint('target'), strokeWidth: 1.6, strokeDasharray: '3 3' }),
            text([{ line }], {
              x: 'line',
              frameAnchor: 'top',
              text: () => String(line),
              dx: 6,
              textAnchor: 'start',
              fill: paint('target'),
              fontWeight: 'bold',
            }),
          ]),
      dot(
        rounded,
        dodgeY({
          x: 'value',
          r: RADIUS,
          fill: (figure: SeedFigure) => paint(figure.met ? 'test' : 'paper'),
          stroke: (figure: SeedFigure) => paint(figure.met ? 'test' : 'bad'),
          strokeWidth: 2,
          padding: 1,
        }),
      ),
    ],
  });
}

/** Dots that no pile is higher than: those that a dot's width meets. */
function tallestPile(figures: readonly SeedFigure[], [low, high]: readonly [number, number]): number {
  const width = (PITCH / (WIDTH - 2 * SIDE)) * (high - low);
  return Math.max(
    ...figures.map(({ value }) => figures.filter((other) => Math.abs(other.value - value) < width).length),
  );
}
