import { zoomOf } from '../drawing/zoom.ts';
import type { MeasuredIteration } from './summary.ts';

/** Colours that hold on GitHub's light and dark pages and that the colour-blind tell apart. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#b8860b', '#8c564b'];
const TARGET = '#7f7f7f';
const SQUARES = ['🟦', '🟧', '🟩', '🟪', '🟨', '⬜', '🟫', '🟥'];

type Curve = Pick<MeasuredIteration, 'testAccuracy' | 'consistentAt'>;

/** Curves in one chart; more cannot be told apart. */
export const CURVES_MOST = COLOURS.length;

/**
 * Test accuracy over the epochs, one line an iteration and the line to reach, as a Mermaid chart, which GitHub draws; zoomed to
 * where they end. Empty for fewer than two epochs. It holds figures only, no foreign text: Mermaid has its own ways to escape.
 * https://mermaid.js.org/syntax/xyChart.html
 */
export function curvesChart(curves: readonly Curve[], at: number): string {
  const shown = curves.slice(0, CURVES_MOST);
  const epochs = Math.max(0, ...shown.map(({ testAccuracy }) => testAccuracy.length));
  if (epochs < 2) return '';
  const [low, high] = zoomOf(
    shown.map(({ testAccuracy }) => testAccuracy),
    at,
  );
  const palette = [...shown.map((_, i) => COLOURS[i]), TARGET].join(', ');
  const numbers = Array.from({ length: epochs }, (_, i) => i + 1);
  return [
    '```mermaid',
    `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${palette}"}}}}%%`,
    'xychart-beta',
    `  x-axis "epoch" [${numbers.join(', ')}]`,
    `  y-axis "test accuracy, per cent" ${low} --> ${high}`,
    // A line that leaves the chart below would be drawn over the axis.
    ...shown.map(
      ({ testAccuracy }) => `  line [${points(testAccuracy.map((accuracy) => Math.max(low, accuracy)))}]`,
    ),
    `  line [${points(numbers.map(() => at))}]`,
    '```',
  ].join('\n');
}

/** The sign that tells in words which line is whose. */
export function signOf(index: number): string {
  return SQUARES[index] ?? '';
}

function points(accuracies: readonly number[]): string {
  return accuracies.map((accuracy) => accuracy.toFixed(2)).join(', ');
}
