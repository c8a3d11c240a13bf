import type { Shape } from '../../ops/op.ts';
import { paddingOf } from '../../ops/window.ts';
import type { Use } from '../value.ts';

type Pair = readonly [number, number];
type Sides = readonly [rows: Pair, columns: Pair];

export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Sides;
}

/** Kernel, stride, dilation and padding of an operator with a window over a map [height, width, channels]; a string: why not. */
export function windowOf(use: Use, kernel: readonly number[] | undefined, input: Shape): Window | string {
  const both = (name: string) => use.ints(name) ?? [1, 1];
  const [stride, dilation] = [both('strides'), both('dilations')];
  if (kernel?.length !== 2 || stride.length !== 2 || dilation.length !== 2) {
    return 'has a window that is not two-dimensional';
  }
  const window = { kernel: pairOf(kernel), stride: pairOf(stride), dilation: pairOf(dilation) };
  const along = (axis: 0 | 1): Pair => {
    const pads = use.ints('pads') ?? [0, 0, 0, 0];
    const auto = use.text('auto_pad', 'NOTSET');
    if (auto === 'VALID') return [0, 0];
    if (auto === 'NOTSET') return [pads[axis]!, pads[axis + 2]!];
    const one = { kernel: window.kernel[axis], stride: window.stride[axis], dilation: window.dilation[axis] };
    const [before, after] = paddingOf('same', input[axis]!, one);
    return auto === 'SAME_LOWER' ? [after, before] : [before, after];
  };
  const padding: Sides = [along(0), along(1)];
  if (padding.flat().some((side) => side < 0)) return 'has a negative padding';
  return { ...window, padding };
}

/** As short as it can be said. */
export function paddingSetting([rows, columns]: Sides): number | Pair | Sides {
  const [first] = rows;
  if ([...rows, ...columns].every((side) => side === first)) return first;
  return rows[0] === rows[1] && columns[0] === columns[1] ? [rows[0], columns[0]] : [rows, columns];
}

export function short([first, second]: Pair): number | Pair {
  return first === second ? first : [first, second];
}

function pairOf(values: readonly number[]): Pair {
  return [values[0]!, values[1]!];
}
