import { dot, ruleX, ruleY, text } from '@observablehq/plot';
import { chart } from './chart.ts';
import { paint } from './colours.ts';
import type { Drawing, Words } from './svg.ts';
import { zoomOf } from './zoom.ts';

/** A network by its size and how well it ends. */
export interface Priced {
  /** Short: it stands beside the point. */
  readonly label: string;
  readonly parameters: number;
  /** Per cent of the test images after the last epoch: one figure a run. */
  readonly accuracies: readonly number[];
}

/** Test accuracy against parameters: ours as discs with the range of their runs, published ones as diamonds. */
export function drawCost(
  words: Words,
  ours: readonly Priced[],
  published: readonly Priced[],
  at: number,
): Drawing {
  const points = ours.map(pointOf);
  const others = published.map(pointOf);
  const all = [...points, ...others];
  const [low, high] = zoomOf(
    all.map(({ lowest }) => [lowest]),
    at,
  );
  const place = { x: 'parameters', y: 'mean' } as const;
  const ourLabels = spreadLabels(points, high - low);
  return chart(words, {
    marginRight: 60,
    marginTop: 26,
    x: {
      zero: true,
      nice: true,
      grid: true,
      label: 'parameters',
      tickFormat: ',d',
      domain: [0, Math.max(1, ...all.map(({ parameters }) => parameters)) * 1.04],
    },
    y: {
      domain: [low, Math.min(high, Math.max(at, ...all.map(({ highest }) => highest)) + (high - low) * 0.15)],
      grid: true,
      label: 'test accuracy after the last epoch, %',
    },
    marks: [
      ruleY([at], { stroke: paint('target'), strokeWidth: 1.6, strokeDasharray: '3 3' }),
      text([{ at }], {
        x: () => 0,
        y: 'at',
        text: () => `${at} %`,
        textAnchor: 'start',
        dx: 4,
        dy: -7,
        fill: paint('target'),
        fontWeight: 'bold',
      }),
      ruleX(
        points.filter(({ lowest, highest }) => lowest < highest),
        { x: 'parameters', y1: 'lowest', y2: 'highest', stroke: paint('test'), strokeWidth: 1.4 },
      ),
      dot(others, { ...place, symbol: 'diamond', stroke: paint('train'), strokeWidth: 1.6, r: 4.5 }),
      dot(points, { ...place, fill: paint('test'), r: 4.5 }),
      text(spreadLabels(others, high - low), {
        x: 'parameters',
        y: 'at',
        text: 'label',
        dx: -9,
        textAnchor: 'end',
        fill: paint('train'),
      }),
      text(ourLabels, {
        x: 'parameters',
        y: 'at',
        text: 'label',
        dx: 9,
        textAnchor: 'start',
        fill: paint('test'),
        fontWeight: 'bold',
      }),
    ],
  });
}

function pointOf({ label, parameters, accuracies }: Priced) {
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  return { label, parameters, mean, lowest: Math.min(...accuracies), highest: Math.max(...accuracies) };
}

/** Labels of points of nearly one size and accuracy are joined, so that they do not lie on each other. */
function spreadLabels(points: readonly ReturnType<typeof pointOf>[], span: number) {
  const labels: { label: string; parameters: number; at: number }[] = [];
  for (const { label, parameters, mean } of points) {
    const near = labels.find(
      (other) =>
        Math.abs(other.at - mean) < span * 0.04 &&
        Math.abs(other.parameters - parameters) < parameters * 0.05,
    );
    if (near) near.label += `, ${label}`;
    else labels.push({ label, parameters, at: mean });
  }
  return labels;
}
