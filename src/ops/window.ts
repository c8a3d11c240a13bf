import { z } from 'zod';
import type { AxisWindow, PaddingMode, Shape, Sides } from './op.ts';

const positive = z.number().int().positive();
const count = z.number().int().nonnegative();

/** A whole number for both axes, or [height, width]. */
export const pair = z
  .union([positive, z.tuple([positive, positive]).readonly()])
  .transform((value): readonly [number, number] => (typeof value === 'number' ? [value, value] : value));

const sides = z.tuple([count, count]).readonly();

/** Positions on every side, or [rows, columns], or [[top, bottom], [left, right]]. */
export const explicitPadding = z.union([
  count,
  z.tuple([count, count]).readonly(),
  z.tuple([sides, sides]).readonly(),
]);

/** TensorFlow's 'valid' (none) and 'same' (as many outputs as inputs, divided by the stride, rounded up), or explicit. */
export const padding = z.union([z.enum(['valid', 'same']), explicitPadding]);
export const paddingMode: z.ZodType<PaddingMode> = z.enum(['zeros', 'replicate', 'reflect']);
export { positive };

export interface WindowSettings {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: z.output<typeof padding>;
}

/** What a window does along each axis of a map [height, width, channels]. */
export function windowsOf(settings: WindowSettings, [height = 0, width = 0]: Shape): Windows {
  const along = (axis: 0 | 1, size: number): AxisWindow => {
    const window = {
      kernel: settings.kernel[axis],
      stride: settings.stride[axis],
      dilation: settings.dilation[axis],
    };
    const { padding } = settings;
    return {
      ...window,
      padding: typeof padding === 'string' ? paddingOf(padding, size, window) : sidesOf(padding)[axis],
    };
  };
  return { height: along(0, height), width: along(1, width) };
}

export interface Windows {
  readonly height: AxisWindow;
  readonly width: AxisWindow;
}

/** Explicit padding written out. */
export function sidesOf(padding: z.output<typeof explicitPadding>): Sides {
  const [rows, columns] = typeof padding === 'number' ? [padding, padding] : padding;
  const both = (side: number | readonly [number, number]): readonly [number, number] =>
    typeof side === 'number' ? [side, side] : side;
  return [both(rows), both(columns)];
}

/** Padding of a window as TensorFlow has it: 'same' gives ceil(size / stride) outputs, the odd zero comes last. */
export function paddingOf(
  padding: 'valid' | 'same',
  size: number,
  window: Omit<AxisWindow, 'padding'>,
): readonly [before: number, after: number] {
  if (padding === 'valid') return [0, 0];
  const outputs = Math.ceil(size / window.stride);
  const total = Math.max((outputs - 1) * window.stride + extentOf(window) - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Inputs between and including the first and the last that one output reads. */
export function extentOf({ kernel, dilation }: Pick<AxisWindow, 'kernel' | 'dilation'>): number {
  return (kernel - 1) * dilation + 1;
}

/** Outputs of a window over `size` inputs: floor((size + padding - extent) / stride) + 1. */
export function outputSize(size: number, window: AxisWindow): number {
  const [before, after] = window.padding;
  return Math.floor((size + before + after - extentOf(window)) / window.stride) + 1;
}

/** Height and width of what windows make of a map, or what is wrong with it. */
export function mapAfter(windows: Windows, input: Shape): readonly [number, number] | string {
  const problem = needsMap(input);
  if (problem !== undefined) return problem;
  const [height, width] = input as readonly [number, number, number];
  const size = [outputSize(height, windows.height), outputSize(width, windows.width)] as const;
  if (size[0] >= 1 && size[1] >= 1) return size;
  return (
    `has a ${extentOf(windows.height)} x ${extentOf(windows.width)} window, but its input is ${describe(input)}. ` +
    "Use fewer or smaller layers before it, or padding 'same'."
  );
}

/** What is wrong with an input that is not a map. */
export function needsMap(input: Shape): string | undefined {
  if (input.length === 3) return undefined;
  return `needs a height x width x channels input; its input is ${describe(input)}. Move it before the global pooling.`;
}

/** "28 x 28 x 1" */
export function describe(shape: Shape): string {
  return shape.join(' x ');
}

/** Whether `sides` are what TensorFlow's padding 'same' means for these windows over this map: a stock layer can do it then. */
export function isSame(windows: Windows, [height = 0, width = 0]: Shape): boolean {
  const same = (window: AxisWindow, size: number) => {
    const [before, after] = paddingOf('same', size, window);
    return window.padding[0] === before && window.padding[1] === after;
  };
  return same(windows.height, height) && same(windows.width, width);
}

/** Whether the windows have no padding. */
export function isValid({ height, width }: Windows): boolean {
  return [...height.padding, ...width.padding].every((side) => side === 0);
}

/** The padding of windows as a setting. */
export function sidesOfWindows({ height, width }: Windows): Sides {
  return [height.padding, width.padding];
}

/** A `tf.layers` setting of a window, which may be one number for both axes. */
export function pairOf(value: unknown, otherwise: readonly [number, number]): readonly [number, number] {
  if (typeof value === 'number') return [value, value];
  if (!Array.isArray(value)) return otherwise;
  return [Number(value[0]), Number(value.at(-1))];
}
