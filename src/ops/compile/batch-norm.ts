import type { Emit, Later } from '../../engine/native/emit.ts';
import { mapOf } from './lanes.ts';

export interface BatchNorm {
  readonly momentum: number;
  readonly epsilon: number;
  readonly scale: boolean;
  readonly center: boolean;
}

/** Batch norm by itself, in any place: sums over the batch, then a factor and a summand a channel; backward likewise. */
export function compileBatchNorm(emit: Emit, { momentum, epsilon, scale: scales, center }: BatchNorm): void {
  const [input] = emit.inputs;
  const { output, order, shardCount: shards } = emit;
  const { height, width, channels } = mapOf(input!);
  const pixels = height * width;
  const perChannel = () => emit.shared(channels * 4);
  const gamma = scales ? emit.weight('gamma') : undefined;
  const beta = center ? emit.weight('beta') : undefined;
  const [scale, shift] = [perChannel(), perChannel()];
  const norm = {
    channels,
    epsilon,
    gamma: gamma?.value ?? emit.constant(1, channels),
    beta: beta?.value ?? emit.constant(0, channels),
    movingMean: emit.weight('movingMean').value,
    movingVariance: emit.weight('movingVariance').value,
    scale,
    shift,
  };
  const z = { z: input!.at, zStride: input!.stride };
  const normalize = () =>
    emit.forward('affine', {
      input: input!.at,
      inputStride: input!.stride,
      output: output.at,
      outputStride: output.stride,
      pixels,
      channels,
      scale,
      shift,
    });
  if (!emit.training) {
    emit.prepare('useMovingAll', norm);
    normalize();
    return;
  }
  const [mean, inverse] = [perChannel(), perChannel()];
  const sums = emit.shards(channels * 16);
  const summed = { sums: sums.at, sumsStride: sums.stride };
  // f32 [channels][16].
  const scratch = () => emit.scratch(channels * 64);
  emit.forward('sumMomentsBlock', { ...z, ...summed, pixels, channels, scratch: scratch() });
  emit.meet('finishMomentsAll', { ...norm, ...summed, shards, pixels, order, momentum, mean, inverse });
  normalize();

  const gradient = emit.outputGradient();
  const by = { gradient: gradient.at, gradientStride: gradient.stride };
  const gradientSums = emit.shards(channels * 16);
  const gradientSummed = { sums: gradientSums.at, sumsStride: gradientSums.stride };
  const factors = emit.shared(channels * 12);
  emit.backward('affineGradient', { ...by, ...z, ...gradientSummed, pixels, channels, scratch: scratch() });
  const unwanted = (): Later => perChannel();
  emit.meetBackward('finishGradientMomentsAll', {
    ...gradientSummed,
    shards,
    channels,
    pixels,
    order,
    gamma: norm.gamma,
    mean,
    inverse,
    gammaGradient: gamma?.gradient ?? unwanted(),
    betaGradient: beta?.gradient ?? unwanted(),
    factors,
  });
  const inputGradient = emit.inputGradient(0);
  if (inputGradient === undefined) return;
  const dz = { dz: inputGradient.at, dzStride: inputGradient.stride };
  emit.backward('normalizeGradientBlock', {
    g: gradient.at,
    gStride: gradient.stride,
    ...dz,
    ...z,
    pixels,
    channels,
    factors,
  });
}
