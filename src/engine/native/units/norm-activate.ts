import type { Emit } from '../emit.ts';

export interface NormActivate {
  readonly epsilon: number;
  readonly momentum: number;
  /** 2x2 max pooling after the ReLU. */
  readonly pool: boolean;
  /** Rate of the dropout at the end. */
  readonly dropout: number | undefined;
  /** 16 bits: see `dropoutThreshold`. */
  readonly dropThreshold: number;
}

/** Batch norm, ReLU, 2x2 max pooling (or none), dropout (or none) in one pass forward and one and a half backward. */
export function compileNormActivate(emit: Emit, settings: NormActivate): void {
  const { epsilon, momentum, pool, dropThreshold } = settings;
  const [input] = emit.inputs;
  const { output } = emit;
  const [height, width, channels] = input!.shape as [number, number, number];
  const pixels = height * width;
  const perChannel = () => emit.shared(channels * 4);
  const [gamma, beta] = [emit.weight('gamma'), emit.weight('beta')];
  const movingMean = emit.weight('movingMean').value;
  const movingVariance = emit.weight('movingVariance').value;
  const [scale, shift] = [perChannel(), perChannel()];
  const z = { z: input!.at, zStride: input!.stride };
  const out = { out: output.at, outStride: output.stride };
  const norm = {
    channels,
    epsilon,
    gamma: gamma.value,
    beta: beta.value,
    movingMean,
    movingVariance,
    scale,
    shift,
  };
  const dropout = emit.training ? (settings.dropout ?? 0) : 0;
  // Numbered whether it drops something or not: masks of others must not depend on its rate.
  const dropKey = emit.training && settings.dropout !== undefined ? emit.dropoutKey() : emit.order;
  const shape = { height, width, channels, scale, shift, pool: pool ? 1 : 0, keepScale: 1 / (1 - dropout) };
  const activate = () =>
    emit.forward('activateBlock', {
      ...z,
      ...shape,
      dropKey,
      dropThreshold: dropout > 0 ? dropThreshold : 0,
      ...out,
    });

  if (!emit.training) {
    emit.prepare('useMovingAll', norm);
    activate();
    return;
  }
  const sums = emit.shards(channels * 16);
  const [mean, inverse] = [perChannel(), perChannel()];
  const { order, shardCount: shards } = emit;
  emit.forward('sumMomentsBlock', {
    ...z,
    pixels,
    channels,
    sums: sums.at,
    sumsStride: sums.stride,
    // f32 [channels][16].
    scratch: emit.scratch(channels * 64),
  });
  emit.meet('finishMomentsAll', {
    ...norm,
    sums: sums.at,
    sumsStride: sums.stride,
    shards,
    pixels,
    order,
    momentum,
    mean,
    inverse,
  });
  activate();

  const gradientSums = emit.shards(channels * 16);
  const outGradient = emit.outputGradient();
  const factors = emit.shared(channels * 12);
  // The gradient of the normalized values becomes that of z in its place.
  const g = emit.inputGradient(0) ?? emit.block(pixels * channels);
  if (!pool) emit.mayReplace(g, output);
  emit.backward('activateGradientBlock', {
    outGradient: outGradient.at,
    outGradientStride: outGradient.stride,
    ...out,
    ...z,
    ...shape,
    g: g.at,
    gStride: g.stride,
    sums: gradientSums.at,
    sumsStride: gradientSums.stride,
  });
  emit.meetBackward('finishGradientMomentsAll', {
    sums: gradientSums.at,
    sumsStride: gradientSums.stride,
    shards,
    channels,
    pixels,
    order,
    gamma: gamma.value,
    mean,
    inverse,
    gammaGradient: gamma.gradient!,
    betaGradient: beta.gradient!,
    factors,
  });
  emit.backward('normalizeGradientBlock', {
    g: g.at,
    gStride: g.stride,
    dz: g.at,
    dzStride: g.stride,
    ...z,
    pixels,
    channels,
    factors,
  });
}
