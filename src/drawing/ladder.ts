import { areaY, dot, line as lineMark, ruleY, text } from '@observablehq/plot';
import { chart, perCent } from './chart.ts';
import { paint } from './colours.ts';
import type { Drawing, Words } from './svg.ts';
import { above, bandOf, type Run, zoomOf } from './zoom.ts';

/** One iteration among others. */
export interface Rung {
  readonly name: string;
  /** A second, quieter line: "7,826 parameters". */
  readonly about: string;
  readonly runs: readonly Run[];
}

/** Pixels. */
const PANEL = 118;
const EDGE = 54;
const HEIGHT = 280;
/** Characters that a panel has room for in one line. */
const NAME_LENGTH = 17;

/**
 * Test accuracy of several iterations side by side on one scale: every epoch of the first run as a dot (full at or above the
 * line, hollow under it), other seeds as thin lines, the band of all, and what the run ends with.
 */
export function drawLadder(words: Words, rungs: readonly Rung[], at: number): Drawing {
  const panels = rungs.map(({ name }, i) => ({ ...rungs[i]!, panel: `${i} ${name}` }));
  const curves = panels.flatMap(({ runs }) => runs.map(({ test }) => test));
  const [low, high] = zoomOf(curves, at);
  const epochs = Math.max(1, ...curves.map(({ length }) => length));
  const labels = panels.map(({ panel, name, about, runs }) => ({
    panel,
    name: name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name,
    about,
    epoch: epochs,
    accuracy: runs[0]?.test.at(-1) ?? low,
    end: perCent(runs[0]?.test.at(-1) ?? 0),
  }));
  const middle = { fx: 'panel', frameAnchor: 'top' } as const;
  return chart(words, {
    width: EDGE + PANEL * panels.length + 8,
    height: HEIGHT,
    marginLeft: EDGE,
    marginTop: 48,
    marginRight: 8,
    marginBottom: 36,
    fx: { domain: panels.map(({ panel }) => panel), axis: null, padding: 0.1 },
    x: {
      domain: [0.2, epochs + 0.8],
      ticks: [1, Math.ceil(epochs / 2), epochs],
      tickFormat: 'd',
      label: 'epoch',
      labelAnchor: 'right',
    },
    y: {
      domain: [low, high],
      grid: true,
      ticks: 6,
      label: 'test accuracy, %',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: EDGE - 4,
    },
    marks: [
      ...panels.flatMap(({ panel, runs }) => bandMarks(panel, runs, low)),
      ...panels.flatMap(({ panel, runs }) =>
        runs.flatMap(({ test }, i) => linesOf(panel, test, low, i === 0)),
      ),
      ruleY([at], { stroke: paint('target'), strokeWidth: 1.6, strokeDasharray: '4 3' }),
      ...panels.flatMap(({ panel, runs }) => dotsOf(panel, runs[0]?.test ?? [], low, at)),
      text([{ panel: panels[0]?.panel, at }], {
        fx: 'panel',
        x: () => 0.2,
        y: 'at',
        text: () => `${at} %`,
        textAnchor: 'start',
        dx: 3,
        dy: -7,
        fill: paint('target'),
        fontWeight: 'bold',
      }),
      text(labels, {
        ...middle,
        text: 'name',
        dy: -36,
        fontWeight: 'bold',
        fill: paint('ink'),
        fontSize: 11.5,
      }),
      text(labels, { ...middle, text: 'about', dy: -22, fill: paint('quiet'), fontSize: 10.5 }),
      text(labels, {
        fx: 'panel',
        x: 'epoch',
        y: high,
        text: 'end',
        textAnchor: 'end',
        dy: 9,
        fill: paint('test'),
        fontWeight: 'bold',
      }),
    ],
  });
}

function bandMarks(panel: string, runs: readonly Run[], low: number) {
  const band = bandOf(runs, low).map((epoch) => ({ ...epoch, panel }));
  const place = { fx: 'panel', x: 'epoch', y1: 'lowest', y2: 'highest' } as const;
  return band.length === 0 ? [] : [areaY(band, { ...place, fill: paint('test'), fillOpacity: 0.16 })];
}

function linesOf(panel: string, test: readonly number[], low: number, first: boolean) {
  const style = first ? { strokeWidth: 2 } : { strokeWidth: 0.7, strokeOpacity: 0.4 };
  return above(test, low).map((piece) =>
    lineMark(
      piece.map((point) => ({ ...point, panel })),
      { fx: 'panel', x: 'epoch', y: 'accuracy', stroke: paint('test'), ...style },
    ),
  );
}

function dotsOf(panel: string, test: readonly number[], low: number, at: number) {
  const points = test
    .map((accuracy, i) => ({ panel, epoch: i + 1, accuracy }))
    .filter(({ accuracy }) => accuracy >= low);
  const place = {
    fx: 'panel',
    x: 'epoch',
    y: 'accuracy',
    r: 2.4,
    stroke: paint('test'),
    strokeWidth: 1.2,
  } as const;
  return [
    dot(
      points.filter(({ accuracy }) => accuracy < at),
      { ...place, fill: paint('paper') },
    ),
    dot(
      points.filter(({ accuracy }) => accuracy >= at),
      { ...place, fill: paint('test') },
    ),
  ];
}
