import { extentOf, isSame } from '../../ops/window.ts';
import { type Data, NO_MAP, type Operator, type Use } from '../value.ts';
import { paddingSetting, short, type Window, windowOf } from './window.ts';

export const maxPool: Operator = (use) => {
  const input = mapOf(use);
  if (input === undefined) return NO_MAP;
  const window = windowOf(use, use.ints('kernel_shape'), input.shape);
  if (typeof window === 'string') return window;
  if (Math.max(...window.dilation) > 1) return 'has a dilation';
  // What is padded never is the maximum: windows that begin within the map and leave it are more padding.
  const padding = use.number('ceil_mode', 0) === 1 ? ceiled(window, input.shape) : window.padding;
  return use.emit({ type: 'maxPool', settings: settingsOf(window, padding), from: [input] });
};

export const averagePool: Operator = (use) => {
  const input = mapOf(use);
  if (input === undefined) return NO_MAP;
  const window = windowOf(use, use.ints('kernel_shape'), input.shape);
  if (typeof window === 'string') return window;
  if (Math.max(...window.dilation) > 1) return 'has a dilation';
  const differs = JSON.stringify(ceiled(window, input.shape)) !== JSON.stringify(window.padding);
  if (use.number('ceil_mode', 0) === 1 && differs)
    return 'rounds its size up over windows that leave the map';
  const isPadded = window.padding.flat().some((side) => side > 0);
  if (!isPadded || use.number('count_include_pad', 0) === 1) {
    return use.emit({ type: 'averagePool', settings: settingsOf(window, window.padding), from: [input] });
  }
  const [height, width] = window.padding;
  const along = (axis: 0 | 1, padding: readonly [number, number]) => ({
    kernel: window.kernel[axis],
    stride: window.stride[axis],
    dilation: 1,
    padding,
  });
  if (!isSame({ height: along(0, height), width: along(1, width) }, input.shape)) {
    return 'pads otherwise than "same" and leaves the padding out of its mean';
  }
  const { size, stride } = settingsOf(window, window.padding);
  return use.emit({ type: 'averagePool', settings: { size, stride, padding: 'same' }, from: [input] });
};

/** Over the whole map: to a vector where nothing but a flatten follows, else to a map of 1 x 1. */
export function globalPool(kind: 'average' | 'max'): Operator {
  return (use) => {
    const input = mapOf(use);
    if (input === undefined) return NO_MAP;
    return pooled(use, kind, input, isFlattened(use));
  };
}

/** A mean or maximum over height and width. */
export function reduced(kind: 'average' | 'max'): Operator {
  return (use) => {
    const input = mapOf(use);
    if (input === undefined) return NO_MAP;
    const axes = (use.ints('axes', 1) ?? []).map((axis) => (axis + 4) % 4).toSorted((a, b) => a - b);
    if (axes.join() !== (input.layout === 'first' ? '2,3' : '1,2')) {
      return `reduces along the axes ${axes.join(', ') || 'of its input'}, not along height and width`;
    }
    return pooled(use, kind, input, use.number('keepdims', 1) === 0 || isFlattened(use));
  };
}

type MapData = Data & { readonly shape: NonNullable<Data['shape']> };

function mapOf(use: Use): MapData | undefined {
  const input = use.data(0);
  return input?.shape?.length === 3 && input.groups === undefined ? (input as MapData) : undefined;
}

function pooled(use: Use, kind: 'average' | 'max', input: MapData, toVector: boolean): Data | string {
  if (toVector) {
    return use.emit({ type: kind === 'max' ? 'globalMaxPool' : 'globalAveragePool', from: [input] });
  }
  const [height, width] = input.shape as readonly [number, number, number];
  const settings = { size: short([height, width]) };
  return use.emit({ type: kind === 'max' ? 'maxPool' : 'averagePool', settings, from: [input] });
}

function isFlattened(use: Use): boolean {
  const readers = use.readers(use.node.outputs[0]!);
  return readers.length > 0 && readers.every(({ operator }) => /^(Flatten|Reshape|Squeeze)$/.test(operator));
}

function settingsOf(window: Window, padding: Window['padding']) {
  return {
    size: short(window.kernel),
    stride: short(window.stride),
    padding: paddingSetting(padding),
  };
}

/** The padding after which there is an output for every window that begins within the map or the padding before it. */
function ceiled(window: Window, input: readonly number[]): Window['padding'] {
  const along = (axis: 0 | 1): readonly [number, number] => {
    const [before, after] = window.padding[axis];
    const [kernel, stride, size] = [window.kernel[axis], window.stride[axis], input[axis]!];
    const room = size + before + after - extentOf({ kernel, dilation: 1 });
    let outputs = Math.ceil(room / stride) + 1;
    if ((outputs - 1) * stride >= size + before) outputs--;
    return [before, Math.max(after, (outputs - 1) * stride + kernel - size - before)];
  };
  return [along(0), along(1)];
}
