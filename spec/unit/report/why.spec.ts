import { expect, test } from 'vitest';
import { known } from '../../../src/fact.ts';
import { whyRows, whyText } from '../../../src/report/why.ts';
import type { LayerCost, LayerRow } from '../../../src/record.ts';

const layers: LayerCost[] = [
  { layer: 'conv1', output: [26, 26, 4], parameters: 36, allParameters: 36, multiplyAdds: known(24_336) },
  { layer: 'relu1', output: [26, 26, 4], parameters: 0, allParameters: 0, multiplyAdds: known(0) },
  { layer: 'conv2', output: [24, 24, 12], parameters: 432, allParameters: 432, multiplyAdds: known(248_832) },
  { layer: 'bn2', output: [24, 24, 12], parameters: 24, allParameters: 24, multiplyAdds: known(0) },
  { layer: 'pool1', output: [12, 12, 12], parameters: 0, allParameters: 0, multiplyAdds: known(0) },
];
const table = [row('conv1', 1, 3), row('conv2', 3, 5), row('pool1', 5, 6)];

test('the layers that cost something or widen the field come largest first, with their shares', () => {
  expect(whyRows(layers, table)).toEqual([
    ['conv2', '24 x 24 x 12', '432', '88 %', '248,832', '91 %', '5 (+2)'],
    ['conv1', '26 x 26 x 4', '36', '7 %', '24,336', '9 %', '3 (+2)'],
    ['bn2', '24 x 24 x 12', '24', '5 %', '0', '0 %', ''],
    ['pool1', '12 x 12 x 12', '0', '0 %', '0', '0 %', '6 (+1)'],
  ]);
});

test('the totals are in the last line, and a field that is not known says so', () => {
  const last = (text: string) => text.split('\n').at(-1)!.split(/ {2,}/);
  expect(last(whyText(layers, table))).toEqual(['in all', '492', '273,168', '6']);
  expect(last(whyText(layers, [])).at(-1)).toBe('not known');
});

function row(layerName: string, receptiveFieldIn: number, receptiveFieldOut: number): LayerRow {
  return {
    layer: 1,
    operation: 'Conv2d',
    inputSize: 28,
    kernel: 3,
    padding: 0,
    stride: 1,
    outputSize: 26,
    jumpIn: 1,
    jumpOut: 1,
    receptiveFieldIn,
    receptiveFieldOut,
    layerName,
  };
}
