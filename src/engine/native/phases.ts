import { dropoutKey, dropoutThreshold } from '../draws.ts';
import { LANES, type Layout, type LinkLayout, SHARDS } from './layout.ts';
import type { Kernels } from './module.ts';

/** What one step or one evaluation needs to know; the same numbers for every thread. */
export interface Order {
  readonly images: number;
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
  readonly labelSmoothing: number;
  /** 1: evaluate with the averaged weights. */
  readonly useAverages: number;
}

/**
 * A phase: work for each block of eight images, in any order and on any thread, then, when all of it is done, work for
 * one thread. A step is a list of phases because batch norm needs a sum over the whole batch before it can go on.
 */
export interface Phase {
  readonly each?: (block: number, live: number, shard: number, thread: number, order: Order) => void;
  readonly once?: (order: Order) => void;
}

/** Runs `phases` on thread `thread` of `threads`; returns when all threads are done. */
export function runPhases(
  phases: readonly Phase[],
  order: Order,
  kernels: Kernels,
  layout: Layout,
  thread: number,
  threads: number,
): void {
  const blocks = Math.ceil(order.images / LANES);
  const perShard = Math.ceil(blocks / SHARDS);
  for (const { each, once } of phases) {
    if (each !== undefined) {
      for (let shard = thread; shard < SHARDS; shard += threads) {
        const end = Math.min(blocks, (shard + 1) * perShard);
        for (let block = shard * perShard; block < end; block++) {
          each(block, Math.min(LANES, order.images - block * LANES), shard, thread, order);
        }
      }
      kernels.meet(layout.meeting, threads);
    }
    if (once !== undefined) {
      if (thread === 0) once(order);
      kernels.meet(layout.meeting, threads);
    }
  }
}

/** Forward, backward and update: one step of SGD on the images that `load` lays into the input, a block at a time. */
export function stepPhases(layout: Layout, kernels: Kernels, load: LoadBlock): Phase[] {
  const { links } = layout;
  const last = links.length - 1;
  const forward = links.map((at, index): Phase => ({
    each: (block, live, shard, thread, order) => {
      if (index === 0) load(block, live, order);
      else
        activateBlock(kernels, links[index - 1]!, dropoutsBefore(links, index - 1), block, live, order, true);
      convolveBlock(kernels, layout, at, block, thread, layout.weights);
      if (index < last) {
        const moments = at.moments + shard * at.momentsBytes;
        kernels.sumMoments(at.z + block * at.zBlockBytes, pixels(at), at.link.filters, moments);
        return;
      }
      lossOfBlock(kernels, layout, block, live, shard, order, true);
      gradientsOfBlock(kernels, layout, at, block, shard, thread);
      activateGradientOfBlock(kernels, layout, links[index - 1]!, block, shard, thread);
    },
    once: ({ images }) => {
      if (index < last) finishMoments(kernels, layout, at, images);
      else finishGradientMoments(kernels, layout, links[index - 1]!, images);
    },
  }));
  const backward = links.slice(0, last).map((at, index): Phase => ({
    each: (block, live, shard, thread) => {
      kernels.normalizeGradient(
        at.g + block * at.zBlockBytes,
        at.z + block * at.zBlockBytes,
        pixels(at),
        at.link.filters,
        at.factors,
        live,
      );
      gradientsOfBlock(kernels, layout, at, block, shard, thread);
      if (index > 0) activateGradientOfBlock(kernels, layout, links[index - 1]!, block, shard, thread);
    },
    once: (order) => {
      if (index > 0) finishGradientMoments(kernels, layout, links[index - 1]!, order.images);
      else update(kernels, layout);
    },
  }));
  const prepare: Phase = {
    once: () => {
      kernels.clear(layout.tally, SHARDS * 16);
      for (const at of links) {
        kernels.clear(at.moments, SHARDS * at.momentsBytes);
        kernels.clear(at.gradientMoments, SHARDS * at.momentsBytes);
        kernels.clear(at.filterSums, SHARDS * at.filterSumsBytes);
        transformWeights(kernels, at, layout.weights, true);
      }
    },
  };
  return [prepare, ...forward, ...backward.toReversed()];
}

/** Forward with the moving statistics: logits, loss and count of correct images. */
export function evaluationPhases(layout: Layout, kernels: Kernels): Phase[] {
  const { links } = layout;
  return [
    {
      once: ({ useAverages }) => {
        kernels.clear(layout.tally, SHARDS * 16);
        const weights = useAverages === 1 ? layout.averages : layout.weights;
        const moving = useAverages === 1 ? layout.movingAverages : layout.moving;
        for (const at of links) {
          transformWeights(kernels, at, weights, false);
          if (at.link.batchNorm === undefined) continue;
          kernels.useMoving(
            at.link.filters,
            at.link.batchNorm.epsilon,
            weights + at.gamma,
            weights + at.beta,
            moving + at.movingMean,
            moving + at.movingVariance,
            at.scale,
            at.shift,
          );
        }
      },
    },
    {
      each: (block, live, shard, thread, order) => {
        const weights = order.useAverages === 1 ? layout.averages : layout.weights;
        links.forEach((at, index) => {
          convolveBlock(kernels, layout, at, block, thread, weights);
          if (at.link.batchNorm !== undefined) activateBlock(kernels, at, index, block, live, order, false);
        });
        lossOfBlock(kernels, layout, block, live, shard, order, false);
      },
    },
  ];
}

/** A dropout is known by its number among them. */
function dropoutsBefore(links: readonly LinkLayout[], index: number): number {
  return links.slice(0, index).filter(({ link }) => link.dropout > 0).length;
}

export type LoadBlock = (block: number, live: number, order: Order) => void;

function pixels(at: LinkLayout): number {
  return at.link.outHeight * at.link.outWidth;
}

function transformWeights(kernels: Kernels, at: LinkLayout, weights: number, withGradient: boolean): void {
  const { channels, filters, kernel } = at.link;
  if (at.side > 0) {
    const { side, planeSize, transformed, turned } = at;
    kernels.winogradWeights(side, weights + at.kernel, planeSize, channels * filters, transformed);
    if (withGradient) kernels.winogradTurn(side, transformed, planeSize, channels, filters, turned);
  } else if (withGradient) {
    kernels.turnWeights(weights + at.kernel, kernel, channels, filters, at.turned);
  }
}

function convolveBlock(
  kernels: Kernels,
  layout: Layout,
  at: LinkLayout,
  block: number,
  thread: number,
  weights: number,
): void {
  const { height, width, channels, kernel, padding, outHeight, outWidth, filters } = at.link;
  const from = at.input.address + block * at.input.blockBytes;
  const to = at.z + block * at.zBlockBytes;
  if (at.side > 0) {
    kernels.winogradConvolve(
      at.side,
      from,
      height,
      width,
      channels,
      at.transformed,
      at.planeSize,
      padding,
      to,
      outHeight,
      outWidth,
      filters,
      layout.scratch[thread]!,
    );
  } else {
    kernels.convolve(
      from,
      height,
      width,
      channels,
      weights + at.kernel,
      kernel,
      padding,
      to,
      outHeight,
      outWidth,
      filters,
    );
  }
}

function activateBlock(
  kernels: Kernels,
  at: LinkLayout,
  index: number,
  block: number,
  live: number,
  { seed, step }: Order,
  training: boolean,
): void {
  const dropout = training ? at.link.dropout : 0;
  kernels.activate(
    at.z + block * at.zBlockBytes,
    at.link.outHeight,
    at.link.outWidth,
    at.link.filters,
    at.scale,
    at.shift,
    live,
    at.link.pool ? 1 : 0,
    dropout > 0 ? dropoutKey(seed, index, step) : 0,
    dropoutThreshold(dropout),
    1 / (1 - dropout),
    block * LANES,
    at.out + block * at.outBlockBytes,
  );
}

function lossOfBlock(
  kernels: Kernels,
  layout: Layout,
  block: number,
  live: number,
  shard: number,
  { labelSmoothing, images }: Order,
  withGradient: boolean,
): void {
  const at = layout.links.at(-1)!;
  kernels.crossEntropy(
    at.z + block * at.zBlockBytes,
    pixels(at),
    layout.chain.classes,
    layout.labels + block * LANES * 2,
    live,
    labelSmoothing,
    1 / images,
    layout.logits + block * layout.logitsBlockBytes,
    withGradient ? at.g + block * at.zBlockBytes : 0,
    layout.tally + shard * 16,
  );
}

/** Filter gradient into the shard's sums and, but for the first link, input gradient into the thread's outGradient. */
function gradientsOfBlock(
  kernels: Kernels,
  layout: Layout,
  at: LinkLayout,
  block: number,
  shard: number,
  thread: number,
): void {
  const { height, width, channels, kernel, padding, outHeight, outWidth, filters } = at.link;
  const input = at.input.address + block * at.input.blockBytes;
  const g = at.g + block * at.zBlockBytes;
  const sums = at.filterSums + shard * at.filterSumsBytes;
  const inputGradient = at === layout.links[0] ? 0 : layout.outGradient[thread]!;
  if (at.side > 0) {
    kernels.winogradGradients(
      at.side,
      input,
      height,
      width,
      channels,
      at.turned,
      at.planeSize,
      padding,
      g,
      outHeight,
      outWidth,
      filters,
      sums,
      inputGradient,
      layout.scratch[thread]!,
    );
    return;
  }
  kernels.filterGradient(
    input,
    height,
    width,
    channels,
    g,
    outHeight,
    outWidth,
    filters,
    kernel,
    padding,
    sums,
  );
  if (inputGradient !== 0) {
    kernels.convolve(
      g,
      outHeight,
      outWidth,
      filters,
      at.turned,
      kernel,
      kernel - 1 - padding,
      inputGradient,
      height,
      width,
      channels,
    );
  }
}

/** Gradient of the link's z out of that of its out, which `gradientsOfBlock` of the next link left with the thread. */
function activateGradientOfBlock(
  kernels: Kernels,
  layout: Layout,
  at: LinkLayout,
  block: number,
  shard: number,
  thread: number,
): void {
  kernels.activateGradient(
    layout.outGradient[thread]!,
    at.out + block * at.outBlockBytes,
    at.z + block * at.zBlockBytes,
    at.link.outHeight,
    at.link.outWidth,
    at.link.filters,
    at.scale,
    at.shift,
    at.link.pool ? 1 : 0,
    1 / (1 - at.link.dropout),
    at.g + block * at.zBlockBytes,
    at.gradientMoments + shard * at.momentsBytes,
  );
}

function finishMoments(kernels: Kernels, layout: Layout, at: LinkLayout, images: number): void {
  const { epsilon, momentum } = at.link.batchNorm!;
  kernels.finishMoments(
    at.moments,
    SHARDS,
    at.link.filters,
    images * pixels(at),
    epsilon,
    momentum,
    layout.weights + at.gamma,
    layout.weights + at.beta,
    layout.moving + at.movingMean,
    layout.moving + at.movingVariance,
    at.mean,
    at.inverse,
    at.scale,
    at.shift,
  );
}

function finishGradientMoments(kernels: Kernels, layout: Layout, at: LinkLayout, images: number): void {
  kernels.finishGradientMoments(
    at.gradientMoments,
    SHARDS,
    at.link.filters,
    images * pixels(at),
    layout.weights + at.gamma,
    at.mean,
    at.inverse,
    layout.gradients + at.gamma,
    layout.gradients + at.beta,
    at.factors,
  );
}

/** Adds the shards' filter gradients in order, then changes the weights by them, and their averages. */
function update(kernels: Kernels, layout: Layout): void {
  for (const at of layout.links) {
    for (let shard = 1; shard < SHARDS; shard++) {
      kernels.addFloats(at.filterSums, at.filterSums + shard * at.filterSumsBytes, at.filterSumsBytes);
    }
    const gradient = layout.gradients + at.kernel;
    const count = at.link.channels * at.link.filters;
    if (at.side > 0) kernels.winogradWeightGradient(at.side, at.filterSums, count, gradient);
    else kernels.copy(gradient, at.filterSums, at.taps * count * 4);
  }
  kernels.sumSquares(layout.update, 0, 1);
  kernels.updateWeights(layout.update, 0, 1);
}
