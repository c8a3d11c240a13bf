import type { AxisWindow } from '../ops/op.ts';
import { extentOf, outputSize } from '../ops/window.ts';
import type { LayerRow } from '../record.ts';

/** What a layer does along one axis of the image: all that its receptive field depends on. */
export interface AxisStep extends AxisWindow {
  /** As in the published tables: "Conv2d", "MaxPool", "GAP", ... */
  readonly operation: string;
  /** What the built model calls the layer. */
  readonly layerName?: string;
}

/**
 * The receptive field after every step of a chain over `size` pixels: jump out = jump in x stride,
 * field out = field in + (extent - 1) x jump in (https://distill.pub/2019/computing-receptive-fields/).
 * The field may be larger than the image: it then reaches into the padding. Sizes in pixels.
 */
export function receptiveField(size: number, steps: readonly AxisStep[]): LayerRow[] {
  const rows: LayerRow[] = [];
  let before = { outputSize: size, jumpOut: 1, receptiveFieldOut: 1 };
  for (const [index, step] of steps.entries()) {
    const row: LayerRow = {
      layer: index + 1,
      operation: step.dilation === 1 ? step.operation : `${step.operation} (dilation ${step.dilation})`,
      inputSize: before.outputSize,
      kernel: step.kernel,
      padding: step.padding[0],
      stride: step.stride,
      outputSize: outputSize(before.outputSize, step),
      jumpIn: before.jumpOut,
      jumpOut: before.jumpOut * step.stride,
      receptiveFieldIn: before.receptiveFieldOut,
      receptiveFieldOut: before.receptiveFieldOut + (extentOf(step) - 1) * before.jumpOut,
      ...(step.layerName === undefined ? {} : { layerName: step.layerName }),
    };
    rows.push(row);
    before = row;
  }
  return rows;
}

const COLUMNS = [
  ['Layer No.', 'layer'],
  ['Operation', 'operation'],
  ['Input Feat.', 'inputSize'],
  ['Kernel Size', 'kernel'],
  ['Padding', 'padding'],
  ['Stride', 'stride'],
  ['Output Feat.', 'outputSize'],
  ['Jump in', 'jumpIn'],
  ['Jump Out', 'jumpOut'],
  ['RF in', 'receptiveFieldIn'],
  ['RF Out', 'receptiveFieldOut'],
] as const satisfies readonly (readonly [title: string, key: keyof LayerRow])[];

/** A Markdown table with the eleven columns of the published one, without a newline at its end. */
export function printReceptiveField(rows: readonly LayerRow[]): string {
  const line = (cells: readonly (string | number)[]) => `|${cells.join('|')}|`;
  return [
    line(COLUMNS.map(([title]) => title)),
    line(COLUMNS.map(([title]) => `:${'-'.repeat(title.length - 2)}:`)),
    ...rows.map((row) => line(COLUMNS.map(([, key]) => row[key]))),
  ].join('\n');
}
