import type { Emit } from '../../engine/native/emit.ts';
import type { Windows } from '../window.ts';
import { axisFields } from './convolve.ts';
import { mapOf } from './lanes.ts';

const KERNELS = {
  max: ['maxPool', 'maxPoolGradient'],
  average: ['averagePool', 'averagePoolGradient'],
} as const;

export interface PoolWays {
  /** Whether zeros around the map count in a mean. */
  readonly countsPadding?: boolean;
  /** Whether each of several equal maxima gets the gradient, not the first alone. */
  readonly toAll?: boolean;
}

/** Pooling of any window. */
export function compilePool(
  emit: Emit,
  kind: keyof typeof KERNELS,
  windows: Windows,
  { countsPadding = false, toAll = false }: PoolWays = {},
): void {
  const [input] = emit.inputs;
  const { output } = emit;
  const to = mapOf(output);
  const fields = {
    ...mapOf(input!),
    outHeight: to.height,
    outWidth: to.width,
    outChannels: to.channels,
    ...axisFields(windows),
    input: input!.at,
    inputStride: input!.stride,
    output: output.at,
    outputStride: output.stride,
    countsPadding: countsPadding ? 1 : 0,
  };
  const [forward, backward] = KERNELS[kind];
  emit.forward(forward, fields);
  const inputGradient = emit.training ? emit.addableInputGradient(0) : undefined;
  if (inputGradient === undefined) return;
  const gradient = emit.outputGradient();
  emit.backward(backward, {
    ...fields,
    gradient: gradient.at,
    gradientStride: gradient.stride,
    inputGradient: inputGradient.at,
    inputGradientStride: inputGradient.stride,
    adds: inputGradient.adds,
    toAll: toAll ? 1 : 0,
  });
}

/** A window over all of a map. */
export function wholeMap(shape: readonly number[]): Windows {
  const { height, width } = mapOf({ shape });
  const over = (kernel: number) => ({ kernel, stride: 1, dilation: 1, padding: [0, 0] as const });
  return { height: over(height), width: over(width) };
}
