import type { Emit, Lanes, WeightPlaces } from '../engine/native/emit.ts';
import { bestSide, type Side } from './tile-side.ts';
import type { Windows } from './window.ts';

/** The native half of convolutions: 3x3 kernels of stride 1 by Winograd's algorithm, small square ones as they are written down, all others by `gather`. */
export function compileConvolution(emit: Emit, windows: Windows, groups: number, bias: boolean): void {
  const { height, width } = windows;
  const { channels, outHeight, outWidth } = shapesOf(emit);
  const [before, after] = height.padding;
  const isPlain =
    groups === 1 &&
    !bias &&
    [height, width].every(
      ({ stride, dilation, kernel, padding }) =>
        stride === 1 &&
        dilation === 1 &&
        kernel === height.kernel &&
        padding.every((side) => side === before),
    ) &&
    before === after &&
    before < height.kernel;
  if (!isPlain) return compileGather(emit, windows, groups, bias);
  const side = bestSide({ kernel: height.kernel, channels, outHeight, outWidth });
  if (side === 0) compileDirect(emit, height.kernel, before);
  else compileWinograd(emit, side, before);
}

/** Any kernel, stride, dilation, padding and number of groups. */
function compileGather(emit: Emit, { height, width }: Windows, groups: number, bias: boolean): void {
  const [input] = emit.inputs;
  const { output } = emit;
  const shapes = shapesOf(emit);
  const kernel = emit.weight('kernel');
  const window = {
    ...shapes,
    kernelHeight: height.kernel,
    kernelWidth: width.kernel,
    strideHeight: height.stride,
    strideWidth: width.stride,
    dilationHeight: height.dilation,
    dilationWidth: width.dilation,
    paddingTop: height.padding[0],
    paddingLeft: width.padding[0],
    groups,
  };
  const packed = packedWeights(emit, kernel, window, 0);
  const from = { input: input!.at, inputStride: input!.stride };
  emit.forward('gather', {
    ...window,
    ...from,
    weights: packed,
    bias: bias ? emit.weight('bias').value : 0,
    output: output.at,
    outputStride: output.stride,
    adds: 0,
    upHeight: 1,
    upWidth: 1,
  });
  if (!emit.training) return;
  const gradient = emit.outputGradient();
  const by = { gradient: gradient.at, gradientStride: gradient.stride };
  const sums = emit.gradientSums(kernel);
  const line = Math.ceil(shapes.outChannels / 4) * 4;
  const scratch = emit.scratch(8 * line * 4);
  emit.backward('filterGradientOf', {
    ...window,
    ...from,
    ...by,
    sums: sums.at,
    sumsStride: sums.stride,
    scratch,
  });
  if (bias) compileBiasGradient(emit, gradient, emit.weight('bias'));
  const inputGradient = emit.addableInputGradient(0);
  if (inputGradient === undefined) return;
  emit.backward('gather', {
    height: shapes.outHeight,
    width: shapes.outWidth,
    channels: shapes.outChannels,
    outHeight: shapes.height,
    outWidth: shapes.width,
    outChannels: shapes.channels,
    kernelHeight: height.kernel,
    kernelWidth: width.kernel,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: height.dilation,
    dilationWidth: width.dilation,
    paddingTop: (height.kernel - 1) * height.dilation - height.padding[0],
    paddingLeft: (width.kernel - 1) * width.dilation - width.padding[0],
    groups,
    input: gradient.at,
    inputStride: gradient.stride,
    weights: packedWeights(emit, kernel, window, 1),
    bias: 0,
    output: inputGradient.at,
    outputStride: inputGradient.stride,
    adds: inputGradient.adds,
    upHeight: height.stride,
    upWidth: width.stride,
  });
}

interface Packed {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly groups: number;
}

function packedWeights(emit: Emit, { value, floats }: WeightPlaces, sizes: Packed, turns: 0 | 1) {
  const { kernelHeight, kernelWidth, channels, outChannels, groups } = sizes;
  const packed = emit.shared(floats * 4);
  const shape = { kernelHeight, kernelWidth, channels, outChannels, groups };
  emit.prepare('packWeights', { weights: value, ...shape, turns, packed });
  return packed;
}

/** The sums over images and positions of the gradient, channel by channel. */
export function compileBiasGradient(emit: Emit, gradient: Lanes, bias: WeightPlaces): void {
  const channels = gradient.shape.at(-1)!;
  const pixels = gradient.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const sums = emit.gradientSums(bias);
  const by = { gradient: gradient.at, gradientStride: gradient.stride };
  emit.backward('biasGradient', { ...by, pixels, channels, sums: sums.at, sumsStride: sums.stride });
}

function shapesOf({ inputs, output }: Emit) {
  // A vector is a map of one position.
  const [height = 1, width = 1, channels = 1] = mapOf(inputs[0]!.shape);
  const [outHeight = 1, outWidth = 1, outChannels = 1] = mapOf(output.shape);
  return { height, width, channels, outHeight, outWidth, outChannels };
}

function compileDirect(emit: Emit, kernel: number, padding: number): void {
  const shapes = shapesOf(emit);
  const { height, width, channels, outHeight, outWidth, outChannels } = shapes;
  const [input] = emit.inputs;
  const { output } = emit;
  const weights = emit.weight('kernel');
  const from = { input: input!.at, inputStride: input!.stride };
  emit.forward('convolveBlock', {
    ...from,
    ...shapes,
    weights: weights.value,
    kernel,
    padding,
    output: output.at,
    outputStride: output.stride,
  });
  if (!emit.training) return;
  const gradient = emit.outputGradient();
  const sums = emit.gradientSums(weights);
  const by = { gradient: gradient.at, gradientStride: gradient.stride };
  emit.backward('filterGradientBlock', {
    ...from,
    ...shapes,
    ...by,
    kernel,
    padding,
    sums: sums.at,
    sumsStride: sums.stride,
  });
  const inputGradient = emit.inputGradient(0);
  if (inputGradient === undefined) return;
  const turned = emit.shared(weights.floats * 4);
  emit.prepare('turnWeightsAll', { weights: weights.value, kernel, channels, outChannels, turned });
  emit.backward('convolveBlock', {
    input: gradient.at,
    inputStride: gradient.stride,
    height: outHeight,
    width: outWidth,
    channels: outChannels,
    weights: turned,
    kernel,
    padding: kernel - 1 - padding,
    output: inputGradient.at,
    outputStride: inputGradient.stride,
    outHeight: height,
    outWidth: width,
    outChannels: channels,
  });
}

function compileWinograd(emit: Emit, side: Side, padding: number): void {
  const shapes = shapesOf(emit);
  const { channels, outHeight, outWidth, outChannels } = shapes;
  const [input] = emit.inputs;
  const { output } = emit;
  const weights = emit.weight('kernel');
  const count = channels * outChannels;
  const planes = (side + 2) ** 2;
  // Floats of a plane of transformed weights: whole vectors.
  const size = Math.ceil(count / 4) * 4;
  const transformed = emit.shared(planes * size * 4);
  const from = { side, input: input!.at, inputStride: input!.stride, ...shapes, size, padding };
  const scratch = () =>
    emit.scratch(emit.measure('winogradScratch', side, outHeight, outWidth, channels, outChannels));
  const inputGradient = emit.training ? emit.inputGradient(0) : undefined;
  const turned = inputGradient ? emit.shared(planes * size * 4) : 0;
  emit.prepare('transformWeightsAll', {
    side,
    weights: weights.value,
    size,
    channels,
    outChannels,
    transformed,
    turned,
  });
  emit.forward('winogradBlock', {
    ...from,
    transformed,
    output: output.at,
    outputStride: output.stride,
    scratch: scratch(),
  });
  if (!emit.training) return;
  const gradient = emit.outputGradient();
  const sums = emit.shards(planes * count * 4);
  emit.backward('winogradGradientsBlock', {
    ...from,
    turned,
    gradient: gradient.at,
    gradientStride: gradient.stride,
    sums: sums.at,
    sumsStride: sums.stride,
    inputGradient: inputGradient?.at ?? 0,
    inputGradientStride: inputGradient?.stride ?? 0,
    scratch: scratch(),
  });
  emit.finish('foldWinogradSumsAll', {
    side,
    sums: sums.at,
    sumsStride: sums.stride,
    shards: emit.shardCount,
    count,
    gradient: weights.gradient!,
  });
}

function mapOf(shape: readonly number[]): readonly number[] {
  return [1, 1, ...shape].slice(-3);
}
