import { type Fact, known, unknown } from '../fact.ts';
import type { AxisWindow } from '../ops/op.ts';
import { extentOf, outputSize } from '../ops/window.ts';
import type { LayerRow } from '../record.ts';

/** What one layer does along one axis of the image: all that receptive fields depend on. */
export interface Step {
  /** What the built model calls the layer. */
  readonly name: string;
  /** Places of the steps that it reads; `IMAGE_STEP` is the image. */
  readonly inputs: readonly number[];
  /** Absent: every position by itself. */
  readonly reach?: StepReach;
  /** Whether it may be where the head begins: it makes a vector or one position out of a map. */
  readonly isHead: boolean;
}

export type StepReach =
  /** `operation` as in the published tables: "Conv2d", "MaxPool". */
  | ({ readonly kind: 'window'; readonly operation: string } & AxisWindow)
  /** One output reads every position. */
  | { readonly kind: 'whole'; readonly operation: string }
  /** `isMap` false: vectors, whose elements may lie anywhere. */
  | { readonly kind: 'merge'; readonly operation: string; readonly isMap: boolean };

export const IMAGE_STEP = -1;

export interface Fields {
  /** One row for each step that reads more than its own position, as in the published tables. */
  readonly table: readonly LayerRow[];
  /** Pixels that one output depends on, the head included. */
  readonly field: number;
  /** Pixels that one position of the map depends on which the head (global pooling, flatten, dense) reads. */
  readonly beforeHead: number;
}

/** A value along one axis: its positions, the pixels between two of them, and the first and last pixel of position 0. */
interface Extent {
  readonly size: number;
  readonly jump: number;
  readonly first: number;
  readonly last: number;
}

/**
 * The receptive fields of a graph of steps over `size` pixels: through a window jump out = jump in x stride, field out =
 * field in + (extent - 1) x jump in (https://distill.pub/2019/computing-receptive-fields/); where branches meet, from the
 * first to the last pixel of any of them. A field may be larger than the image: it then reaches into the padding. Unknown,
 * with the name of the merge, where branches meet whose positions lie at different distances.
 */
export function fieldsOver(size: number, steps: readonly Step[]): Fact<Fields> {
  const table: LayerRow[] = [];
  const extents: Extent[] = [];
  for (const step of steps) {
    const read = step.inputs.map((place) => (place === IMAGE_STEP ? imageOf(size) : extents[place]!));
    const { reach } = step;
    const [first] = read as [Extent];
    if (reach === undefined) {
      extents.push(first);
      continue;
    }
    const merged = reach.kind === 'merge' ? union(read, reach.isMap) : first;
    if (merged === undefined) {
      return unknown(
        `layer ${step.name} merges positions that lie ${read.map(({ jump }) => jump).join(' and ')} pixels apart`,
      );
    }
    const window = windowOf(reach, merged.size);
    const out = through(merged, window);
    const widest = read.reduce((widest, each) => (fieldOf(each) > fieldOf(widest) ? each : widest));
    table.push(
      rowOf(
        table.length + 1,
        step.name,
        reach.operation,
        window,
        reach.kind === 'merge' ? widest : first,
        out,
      ),
    );
    extents.push(out);
  }
  const last = extents.at(-1) ?? imageOf(size);
  const head = headOf(steps);
  const before = head === undefined ? last : union(inputsOf(head, extents, size), true);
  return known({ table, field: fieldOf(last), beforeHead: fieldOf(before ?? last) });
}

function imageOf(size: number): Extent {
  return { size, jump: 1, first: 0, last: 0 };
}

function inputsOf(step: Step, extents: readonly Extent[], size: number): readonly Extent[] {
  return step.inputs.map((place) => (place === IMAGE_STEP ? imageOf(size) : extents[place]!));
}

function fieldOf({ first, last }: Extent): number {
  return last - first + 1;
}

function windowOf(reach: StepReach, size: number): AxisWindow {
  if (reach.kind === 'window') return reach;
  return { kernel: reach.kind === 'whole' ? size : 1, stride: 1, dilation: 1, padding: [0, 0] };
}

function through(input: Extent, window: AxisWindow): Extent {
  const [before] = window.padding;
  return {
    size: outputSize(input.size, window),
    jump: input.jump * window.stride,
    first: input.first - before * input.jump,
    last: input.last + (extentOf(window) - 1 - before) * input.jump,
  };
}

/** Undefined where positions lie at different distances. */
function union(extents: readonly Extent[], isMap: boolean): Extent | undefined {
  // The elements of a vector are those of all positions: it reads what they read together.
  const all = isMap ? extents : extents.map(together);
  const [{ size, jump }] = all as [Extent];
  if (all.some((each) => each.size !== size || (size > 1 && each.jump !== jump))) return undefined;
  const first = Math.min(...all.map((each) => each.first));
  const last = Math.max(...all.map((each) => each.last));
  return { size, jump, first, last };
}

function together({ size, jump, first, last }: Extent): Extent {
  return { size: 1, jump, first, last: last + (size - 1) * jump };
}

function rowOf(
  layer: number,
  layerName: string,
  operation: string,
  window: AxisWindow,
  input: Extent,
  output: Extent,
): LayerRow {
  return {
    layer,
    operation: window.dilation === 1 ? operation : `${operation} (dilation ${window.dilation})`,
    inputSize: input.size,
    kernel: window.kernel,
    padding: window.padding[0],
    stride: window.stride,
    outputSize: output.size,
    jumpIn: input.jump,
    jumpOut: output.jump,
    receptiveFieldIn: fieldOf(input),
    receptiveFieldOut: fieldOf(output),
    layerName,
  };
}

/** The first step that may begin the head and that every way from the image to the output goes through. */
function headOf(steps: readonly Step[]): Step | undefined {
  return steps.find((step, place) => step.isHead && !isWayAround(steps, place));
}

/** Whether the output can be reached from the image without going through the step at `without`. */
function isWayAround(steps: readonly Step[], without: number): boolean {
  const reached = new Set([IMAGE_STEP]);
  for (const [place, { inputs }] of steps.entries()) {
    if (place !== without && inputs.some((input) => reached.has(input))) reached.add(place);
  }
  return reached.has(steps.length - 1);
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
