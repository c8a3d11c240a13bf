import type { MeasuredIteration } from '../report/summary.ts';

/** Colours that hold on GitHub's light and dark pages. */
const TEST = '#1f77b4';
const TRAIN = '#ff7f0e';
const TARGET = '#7f7f7f';

type Curves = Pick<MeasuredIteration, 'trainAccuracy' | 'testAccuracy' | 'consistentAt'>;

/**
 * Accuracy over the epochs as a Mermaid chart, which GitHub draws; empty for fewer than two epochs. It holds figures
 * only, no foreign text: Mermaid has its own ways to escape. https://mermaid.js.org/syntax/xyChart.html
 */
export function epochChart({ trainAccuracy, testAccuracy, consistentAt }: Curves): string {
  if (testAccuracy.length < 2) return '';
  const figures = [...trainAccuracy, ...testAccuracy, consistentAt];
  const low = Math.max(0, Math.floor(Math.min(...figures)) - 1);
  const epochs = testAccuracy.map((_, i) => i + 1);
  const chart = [
    '```mermaid',
    `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "${TEST}, ${TRAIN}, ${TARGET}"}}}}%%`,
    'xychart-beta',
    `  x-axis "epoch" [${epochs.join(', ')}]`,
    `  y-axis "accuracy, per cent" ${low} --> 100`,
    `  line [${points(testAccuracy)}]`,
    `  line [${points(trainAccuracy)}]`,
    `  line [${points(epochs.map(() => consistentAt))}]`,
    '```',
  ].join('\n');
  return `Blue: test accuracy; orange: train accuracy; grey: ${consistentAt} %.\n\n${chart}`;
}

function points(accuracies: readonly number[]): string {
  return accuracies.map((accuracy) => accuracy.toFixed(2)).join(', ');
}
