import { areaY, dot, lineY, rect, ruleY, text } from '@observablehq/plot';
import { chart, perCent } from './chart.ts';
import { paint } from './colours.ts';
import type { Drawing, Words } from './svg.ts';
import { above, bandOf, epochTicks, type Point, type Run, zoomOf } from './zoom.ts';

/** Per cent to be reached, in every epoch from `from` to `to` where a target says so. */
export interface TargetLine {
  readonly at: number;
  readonly from?: number;
  readonly to?: number;
}

/**
 * Accuracy over the epochs, zoomed to where the decision is: the first run with its training accuracy, every other seed as a
 * thin line, the band that all of them fill, the line of the target and the window it speaks of. `base`: test accuracy of the
 * first run at the base, as a thin broken line.
 */
export function drawCurves(
  words: Words,
  runs: readonly Run[],
  line?: TargetLine,
  base: readonly number[] = [],
): Drawing {
  const [first] = runs;
  if (first === undefined) throw new RangeError('curves need at least one run');
  const [low, high] = zoomOf([...runs.map(({ test }) => test), base, first.train?.slice(-1) ?? []], line?.at);
  const epochs = Math.max(base.length, ...runs.map(({ test }) => test.length));
  const last = first.test.at(-1) ?? low;
  return chart(words, {
    marginRight: 90,
    marginTop: 26,
    x: { domain: [0.5, epochs + 0.5], ticks: epochTicks(epochs), tickFormat: 'd', label: 'epoch' },
    y: { domain: [low, high], grid: true, label: 'accuracy, %', ticks: 6 },
    marks: [
      ...windowMarks(line, epochs, high),
      ...bandMarks(runs, low),
      ...runs
        .slice(1)
        .flatMap(({ test }) =>
          stroke(test, low, { stroke: paint('test'), strokeWidth: 0.8, strokeOpacity: 0.45 }),
        ),
      ...stroke(base, low, { stroke: paint('quiet'), strokeWidth: 1.2, strokeDasharray: '2 3' }),
      ...stroke(first.train ?? [], low, { stroke: paint('train'), strokeWidth: 1.8, strokeDasharray: '6 3' }),
      ...stroke(first.test, low, { stroke: paint('test'), strokeWidth: 2.4 }),
      ...missMarks(first.test, low, line),
      ...endLabels(first, base, epochs, low),
      ...(line ? lineMarks(line) : []),
      ...(last < low
        ? []
        : [
            dot([{ epoch: first.test.length, accuracy: last }], {
              x: 'epoch',
              y: 'accuracy',
              fill: paint('test'),
              r: 3.5,
            }),
          ]),
    ],
  });
}

function bandMarks(runs: readonly Run[], low: number) {
  const band = bandOf(runs, low);
  const place = { x: 'epoch', y1: 'lowest', y2: 'highest' } as const;
  return band.length === 0 ? [] : [areaY(band, { ...place, fill: paint('test'), fillOpacity: 0.16 })];
}

function stroke(curve: readonly number[], low: number, style: Readonly<Record<string, string | number>>) {
  return above(curve, low).map((piece) => lineY(piece, { x: 'epoch', y: 'accuracy', ...style }));
}

function windowMarks(line: TargetLine | undefined, epochs: number, high: number) {
  if (line?.from === undefined) return [];
  const { from, to = epochs, at } = line;
  const window = [{ x1: from - 0.5, x2: to + 0.5, y1: at, y2: high }];
  return [rect(window, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: paint('target'), fillOpacity: 0.13 })];
}

function lineMarks({ at }: TargetLine) {
  const label = [{ epoch: 0.5, at, words: `${at} %` }];
  const place = { x: 'epoch', y: 'at', textAnchor: 'start', dx: 4, dy: -7 } as const;
  return [
    ruleY([at], { stroke: paint('target'), strokeWidth: 1.6, strokeDasharray: '3 3' }),
    text(label, { ...place, text: 'words', fill: paint('target'), fontWeight: 'bold' }),
  ];
}

/** Crosses where the first run is under the line within the window: not told by colour alone. */
function missMarks(test: readonly number[], low: number, line: TargetLine | undefined) {
  if (line?.from === undefined) return [];
  const { at, from, to = test.length } = line;
  const missed: Point[] = test
    .map((accuracy, i) => ({ epoch: i + 1, accuracy }))
    .filter(({ epoch, accuracy }) => epoch >= from && epoch <= to && accuracy < at)
    .map(({ epoch, accuracy }) => ({ epoch, accuracy: Math.max(accuracy, low) }));
  return missed.length === 0
    ? []
    : [
        dot(missed, {
          x: 'epoch',
          y: 'accuracy',
          symbol: 'times',
          stroke: paint('bad'),
          strokeWidth: 2.4,
          r: 6,
        }),
      ];
}

/** Pixels between the lines of two labels, and of the scale. */
const LABEL_LINE = 13;
const SCALE_PIXELS = 232;

/** The names of the curves at their ends, with the last figure; none lies upon another. */
function endLabels(first: Run, base: readonly number[], epochs: number, low: number) {
  const ends = [
    { name: 'test', accuracy: first.test.at(-1), fill: paint('test') },
    { name: 'train', accuracy: first.train?.at(-1), fill: paint('train') },
  ].filter(
    (end): end is typeof end & { accuracy: number } => end.accuracy !== undefined && end.accuracy >= low,
  );
  const apart = ends.length === 2 && Math.abs(ends[0]!.accuracy - ends[1]!.accuracy) < (100 - low) * 0.06;
  const labels = ends.map((end, i) => ({
    ...end,
    dy: apart ? (end.accuracy >= ends[1 - i]!.accuracy ? -6 : 6) : 0,
  }));
  const ofBase = base.at(-1);
  if (ofBase !== undefined && ofBase >= low) {
    const heightOf = (accuracy: number) => ((100 - accuracy) / (100 - low)) * SCALE_PIXELS;
    const taken = labels.map(({ accuracy, dy }) => heightOf(accuracy) + dy).toSorted((a, b) => a - b);
    const own = heightOf(ofBase);
    const free = taken.reduce((y, at) => (Math.abs(y - at) < LABEL_LINE ? at + LABEL_LINE : y), own);
    labels.push({ name: 'base', accuracy: ofBase, fill: paint('quiet'), dy: free - own });
  }
  return labels.map(({ name, accuracy, fill, dy }) =>
    text([{ epoch: epochs + 0.5, accuracy, words: `${name} ${perCent(accuracy)}` }], {
      x: 'epoch',
      y: 'accuracy',
      text: 'words',
      textAnchor: 'start',
      dx: 6,
      dy,
      fill,
      fontWeight: 'bold',
    }),
  );
}
