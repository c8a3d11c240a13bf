import type { Emit } from '../../engine/native/emit.ts';
import { bestSide, type Side } from '../tile-side.ts';
import { compileBiasGradient, type Convolved } from './convolve.ts';
import { mapOf } from './lanes.ts';

/** A square kernel of stride 1, as many zeros on every side: the convolutions that most networks are made of. */
export interface Square {
  readonly kernel: number;
  readonly padding: number;
  /** Winograd's algorithm with tiles of so many outputs a side; 0: as it is written down. */
  readonly side: Side;
}

/** Undefined: another convolution. */
export function squareOf(convolved: Convolved): Square | undefined {
  const { windows, groups, bias } = convolved;
  const { kernel, padding } = windows.height;
  const [before] = padding;
  const isSquare = [windows.height, windows.width].every(
    (axis) =>
      axis.stride === 1 &&
      axis.dilation === 1 &&
      axis.kernel === kernel &&
      axis.padding.every((zeros) => zeros === before),
  );
  if (!isSquare || groups !== 1 || before >= kernel) return undefined;
  const { channels, outHeight, outWidth } = shapesOf(convolved);
  const side = bestSide({ kernel, channels, outHeight, outWidth });
  return side === 0 && bias !== undefined ? undefined : { kernel, padding: before, side };
}

export function compileSquare(emit: Emit, convolved: Convolved, square: Square): void {
  if (square.side === 0) compileDirect(emit, convolved, square);
  else compileWinograd(emit, convolved, square);
}

function shapesOf({ input, output }: Convolved) {
  const to = mapOf(output);
  return { ...mapOf(input), outHeight: to.height, outWidth: to.width, outChannels: to.channels };
}

function compileDirect(emit: Emit, convolved: Convolved, { kernel, padding }: Square): void {
  const shapes = shapesOf(convolved);
  const { height, width, channels, outHeight, outWidth, outChannels } = shapes;
  const { input, output, kernel: weights } = convolved;
  const from = { input: input.at, inputStride: input.stride };
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

function compileWinograd(emit: Emit, convolved: Convolved, { side, padding }: Square): void {
  const shapes = shapesOf(convolved);
  const { channels, outHeight, outWidth, outChannels } = shapes;
  const { input, output, kernel: weights } = convolved;
  const count = channels * outChannels;
  const planes = (side + 2) ** 2;
  // Floats of a plane of transformed weights: whole vectors.
  const size = Math.ceil(count / 4) * 4;
  const [transformed, packed] = [emit.shared(planes * size * 4), emit.shared(planes * size * 4)];
  const from = { side, input: input.at, inputStride: input.stride, ...shapes, size, padding };
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
    packed,
    turned,
  });
  emit.forward('winogradBlock', {
    ...from,
    packed,
    output: output.at,
    outputStride: output.stride,
    scratch: scratch(),
  });
  const { bias } = convolved;
  if (bias !== undefined) {
    const places = {
      input: output.at,
      inputStride: output.stride,
      output: output.at,
      outputStride: output.stride,
    };
    const scale = emit.constant(1, outChannels);
    const pixels = outHeight * outWidth;
    emit.forward('affine', { ...places, pixels, channels: outChannels, scale, shift: bias.value });
  }
  if (!emit.training) return;
  const gradient = emit.outputGradient();
  if (bias !== undefined) compileBiasGradient(emit, gradient, bias);
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
