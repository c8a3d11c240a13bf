import type { Emit, Lanes, Later, WeightPlaces } from '../../engine/native/emit.ts';
import type { AxisWindow } from '../op.ts';
import type { Windows } from '../window.ts';
import { mapOf } from './lanes.ts';

/** A convolution with zeros as padding: what it reads, writes and learns. */
export interface Convolved {
  readonly input: Lanes;
  readonly output: Lanes;
  /** [height, width, channels / groups, filters] in memory. */
  readonly kernel: WeightPlaces;
  readonly bias?: WeightPlaces | undefined;
  readonly windows: Windows;
  readonly groups: number;
}

/** Where an input gradient belongs; `adds`: whether it is added to what is there. */
export type GradientPlace = Lanes & { readonly adds?: Later };

/** A 1x1 convolution: a dense layer. */
export const ONE_BY_ONE: Windows = {
  height: { kernel: 1, stride: 1, dilation: 1, padding: [0, 0] },
  width: { kernel: 1, stride: 1, dilation: 1, padding: [0, 0] },
};

/** One filter a channel has kernels of its own. */
function isDepthwise({ input, output, groups }: Convolved): boolean {
  return groups > 1 && groups === mapOf(input).channels && groups === mapOf(output).channels;
}

export function compileForward(emit: Emit, convolved: Convolved): void {
  const { input, output, kernel, bias, groups } = convolved;
  const fields = {
    ...windowFields(convolved),
    input: input.at,
    inputStride: input.stride,
    bias: bias?.value ?? 0,
    output: output.at,
    outputStride: output.stride,
    adds: 0,
    groups,
    upHeight: 1,
    upWidth: 1,
  };
  if (isDepthwise(convolved)) emit.forward('depthwise', { ...fields, weights: kernel.value });
  else emit.forward('gather', { ...fields, weights: packed(emit, convolved, 0) });
}

/** The gradients of kernel and bias, where they are trained, and of the input, where there is a place for it. */
export function compileBackward(
  emit: Emit,
  convolved: Convolved,
  gradient: Lanes,
  inputGradient: GradientPlace | undefined,
): void {
  compileWeightGradients(emit, convolved, gradient);
  if (inputGradient === undefined) return;
  const { windows, kernel, groups } = convolved;
  const window = windowFields(convolved);
  const before = ({ kernel, dilation, padding }: AxisWindow) => (kernel - 1) * dilation - padding[0];
  const fields = {
    ...window,
    height: window.outHeight,
    width: window.outWidth,
    channels: window.outChannels,
    outHeight: window.height,
    outWidth: window.width,
    outChannels: window.channels,
    strideHeight: 1,
    strideWidth: 1,
    paddingTop: before(windows.height),
    paddingLeft: before(windows.width),
    input: gradient.at,
    inputStride: gradient.stride,
    bias: 0,
    output: inputGradient.at,
    outputStride: inputGradient.stride,
    adds: inputGradient.adds ?? 0,
    groups,
    upHeight: windows.height.stride,
    upWidth: windows.width.stride,
  };
  if (!isDepthwise(convolved)) {
    emit.backward('gather', { ...fields, weights: packed(emit, convolved, 1) });
    return;
  }
  const turned = emit.shared(kernel.floats * 4);
  const taps = windows.height.kernel * windows.width.kernel;
  emit.prepare('turnTaps', { weights: kernel.value, taps, channels: window.channels, turned });
  emit.backward('depthwise', { ...fields, weights: turned });
}

function compileWeightGradients(emit: Emit, convolved: Convolved, gradient: Lanes): void {
  const { input, kernel, bias, groups } = convolved;
  const by = { gradient: gradient.at, gradientStride: gradient.stride };
  if (kernel.gradient !== undefined) {
    const window = windowFields(convolved);
    const sums = emit.gradientSums(kernel);
    const fields = {
      ...window,
      ...by,
      input: input.at,
      inputStride: input.stride,
      sums: sums.at,
      sumsStride: sums.stride,
    };
    if (isDepthwise(convolved)) emit.backward('depthwiseGradient', fields);
    else {
      // f32 [8][outputs, whole vectors].
      const scratch = emit.scratch(8 * 4 * 4 * Math.ceil(window.outChannels / 4));
      emit.backward('filterGradientOf', { ...fields, groups, scratch });
    }
  }
  if (bias !== undefined) compileBiasGradient(emit, gradient, bias);
}

export function compileBiasGradient(emit: Emit, gradient: Lanes, bias: WeightPlaces): void {
  if (bias.gradient === undefined) return;
  const by = { gradient: gradient.at, gradientStride: gradient.stride };
  const sums = emit.gradientSums(bias);
  const { height, width, channels } = mapOf(gradient);
  const to = { sums: sums.at, sumsStride: sums.stride };
  // f32 [channels][8].
  const scratch = emit.scratch(channels * 32);
  emit.backward('biasGradient', { ...by, ...to, pixels: height * width, channels, scratch });
}

/** Weights in the order in which `gather` reads them; `turns` 1: for the input gradient. */
function packed(emit: Emit, { input, output, kernel, windows, groups }: Convolved, turns: 0 | 1): Later {
  const place = emit.shared(kernel.floats * 4);
  emit.prepare('packWeights', {
    weights: kernel.value,
    kernelHeight: windows.height.kernel,
    kernelWidth: windows.width.kernel,
    channels: mapOf(input).channels,
    outChannels: mapOf(output).channels,
    groups,
    turns,
    packed: place,
  });
  return place;
}

function windowFields({ input, output, windows }: Convolved) {
  const [from, to] = [mapOf(input), mapOf(output)];
  return {
    ...from,
    outHeight: to.height,
    outWidth: to.width,
    outChannels: to.channels,
    ...axisFields(windows),
  };
}

/** What a window does, as descriptors have it. */
export function axisFields({ height, width }: Windows) {
  return {
    kernelHeight: height.kernel,
    kernelWidth: width.kernel,
    strideHeight: height.stride,
    strideWidth: width.stride,
    dilationHeight: height.dilation,
    dilationWidth: width.dilation,
    paddingTop: height.padding[0],
    paddingLeft: width.padding[0],
  };
}
