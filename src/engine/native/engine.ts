import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { type ImageSet, imageSize } from '../../data/dataset.ts';
import { MNIST_PIXELS, type PixelStatistics } from '../../data/normalize.ts';
import type { Engine, Evaluation, Tally } from '../engine.ts';
import { decayOf } from '../../recipe/optimizer.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Chain } from './chain.ts';
import { type Command, type CrewPlan, joinCrew, startCrew } from './crew.ts';
import { clearLanes } from './images.ts';
import { imageAddress, LANES, layOut, type Layout, SHARDS } from './layout.ts';
import { createMemory, FIRST_FREE_ADDRESS, loadKernels } from './module.ts';
import type { Order } from './phases.ts';
import { writeUpdate, writeUpdateStep } from './update.ts';

/** Raised whenever the same run would give other bits: the pinned hash in spec/kernels/native-bits.spec.ts says when. */
export const NATIVE_VERSION = '2';

export interface NativeOptions {
  readonly model: LayersModel;
  readonly chain: Chain;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Absent: an engine for evaluation alone. */
  readonly train?: ImageSet;
  /** What images are normalized by; absent: MNIST's. */
  readonly statistics?: PixelStatistics;
  /** Cores to use, 1 (default) to SHARDS; the result is the same to the bit. */
  readonly threads?: number;
}

/** An engine on this project's own WebAssembly kernels, in memory of its own; starts from the model's weights. */
export function createNativeEngine(options: NativeOptions): Engine {
  const { model, chain, recipe, seed } = options;
  const threads = Math.max(1, Math.min(SHARDS, options.threads ?? 1));
  const { bytes: size } = layOut(chain, recipe.batch, loadKernels(createMemory(FIRST_FREE_ADDRESS)));
  const plan: CrewPlan = {
    memory: createMemory(size),
    chain,
    batch: recipe.batch,
    threads,
    statistics: options.statistics ?? MNIST_PIXELS,
    ...(options.train && { train: threads > 1 ? shared(options.train) : options.train }),
    ...(recipe.augmentation && { augmentation: recipe.augmentation }),
  };
  let isComplete = threads === 1;
  const ready = startCrew(plan).then(() => {
    isComplete = true;
  });
  // Reported by `ready` to whoever awaits it, and to nobody else.
  ready.catch(() => undefined);
  const first = joinCrew(plan, 0);
  const { layout } = first;
  const floats = new Float32Array(plan.memory.buffer);
  const indices = new Uint32Array(plan.memory.buffer, layout.indices, layout.batch);
  const averaged = recipe.weightAveraging !== undefined;

  readWeights(model, layout, floats);
  setUpdate(plan.memory.buffer, layout, recipe);
  if (averaged) {
    floats.copyWithin(layout.averages / 4, layout.weights / 4, layout.weights / 4 + layout.weightFloats);
    floats.copyWithin(layout.movingAverages / 4, layout.moving / 4, layout.moving / 4 + layout.movingFloats);
  }

  const command = (what: Command, order: Partial<Order>) => {
    // The barrier would wait for threads that cannot start before this one goes back to its event loop: for good.
    if (!isComplete) throw new Error('an engine of several threads works after `await engine.ready` only');
    first.order(what, { ...IDLE, seed, useAverages: averaged ? 1 : 0, ...order });
    first.obey();
  };

  return {
    name: 'wasm',
    version: NATIVE_VERSION,
    threads,
    ready,
    step({ images, epoch, step, learningRate }) {
      if (plan.train === undefined) throw new Error('an engine without training images cannot train');
      indices.set(images);
      writeUpdateStep(plan.memory.buffer, layout.update, recipe, { step, learningRate });
      command('step', {
        images: images.length,
        epoch,
        step,
        labelSmoothing: recipe.labelSmoothing ?? 0,
      });
      return tallyOf(layout, floats);
    },
    evaluate(set): Evaluation {
      const predictions = new Uint16Array(set.count);
      let loss = 0;
      let correct = 0;
      for (let from = 0; from < set.count; from += layout.batch) {
        const count = Math.min(layout.batch, set.count - from);
        for (let i = 0; i < count; i++) {
          first.lay(i, set, from + i);
        }
        clearLanes(plan.memory, (image) => imageAddress(layout, image), count, imageSize(set));
        command('evaluate', { images: count });
        const tally = tallyOf(layout, floats);
        loss += tally.loss;
        correct += tally.correct;
        for (let i = 0; i < count; i++) predictions[from + i] = predictionOf(layout, floats, i);
      }
      return { loss, correct, predictions };
    },
    writeWeights: () => writeWeights(model, layout, floats, averaged),
    dispose() {
      if (threads === 1) return;
      const quit = () => command('quit', {});
      if (isComplete) quit();
      else ready.then(quit, () => undefined);
    },
  };
}

const IDLE: Order = {
  images: 0,
  seed: 0,
  epoch: 0,
  step: 0,
  labelSmoothing: 0,
  useAverages: 0,
};

/** The same images in memory that all threads see. */
function shared(set: ImageSet): ImageSet {
  const pixels = new Uint8Array(new SharedArrayBuffer(set.pixels.length));
  pixels.set(set.pixels);
  const labels = new Uint16Array(new SharedArrayBuffer(2 * set.labels.length));
  labels.set(set.labels);
  return { ...set, pixels, labels };
}

function tallyOf(layout: Layout, floats: Float32Array): Tally {
  const tally = new Float64Array(floats.buffer, layout.tally, 2 * SHARDS);
  let loss = 0;
  let correct = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    loss += tally[2 * shard]!;
    correct += tally[2 * shard + 1]!;
  }
  return { loss, correct };
}

/** Of equal logits the first. */
function predictionOf(layout: Layout, floats: Float32Array, image: number): number {
  const { classes } = layout.chain;
  const block = Math.floor(image / LANES);
  const from = (layout.logits + block * layout.logitsBlockBytes) / 4 + (image % LANES) * classes;
  let best = 0;
  for (let c = 1; c < classes; c++) if (floats[from + c]! > floats[from + best]!) best = c;
  return best;
}

/** [layer name, addresses of its weights in the layer's own order] */
function weightAddresses(layout: Layout, weights: number, moving: number): [string, number[]][] {
  return layout.links.flatMap((at): [string, number[]][] => {
    const { convolutionLayer, batchNormLayer } = at.link;
    const convolution: [string, number[]] = [convolutionLayer, [weights + at.kernel]];
    if (batchNormLayer === undefined) return [convolution];
    const norm = [weights + at.gamma, weights + at.beta, moving + at.movingMean, moving + at.movingVariance];
    return [convolution, [batchNormLayer, norm]];
  });
}

function setUpdate(buffer: ArrayBufferLike, layout: Layout, recipe: Recipe): void {
  const { weightFloats: count, movingFloats: movingCount } = layout;
  writeUpdate(buffer, layout.update, { ...layout, count, movingCount }, recipe);
  const decays = new Float32Array(buffer, layout.decays, count);
  for (const at of layout.links) {
    const { channels, filters, kernel, batchNormLayer } = at.link;
    const set = (name: string, offset: number, length: number) =>
      decays.fill(decayOf(recipe, name), offset / 4, offset / 4 + length);
    set('kernel', at.kernel, kernel * kernel * channels * filters);
    if (batchNormLayer === undefined) continue;
    set('gamma', at.gamma, filters);
    set('beta', at.beta, filters);
  }
}

function readWeights(model: LayersModel, layout: Layout, floats: Float32Array): void {
  for (const [name, addresses] of weightAddresses(layout, layout.weights, layout.moving)) {
    const weights = model.getLayer(name).getWeights();
    addresses.forEach((address, i) => floats.set(weights[i]!.dataSync(), address / 4));
  }
}

function writeWeights(model: LayersModel, layout: Layout, floats: Float32Array, averaged: boolean): void {
  const from = averaged
    ? weightAddresses(layout, layout.averages, layout.movingAverages)
    : weightAddresses(layout, layout.weights, layout.moving);
  tidy(() => {
    for (const [name, addresses] of from) {
      const layer = model.getLayer(name);
      const values = layer.getWeights().map((weight, i) => {
        const at = addresses[i]! / 4;
        return tensor(floats.slice(at, at + weight.size), weight.shape);
      });
      layer.setWeights(values);
    }
  });
}
