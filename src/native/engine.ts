import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { augmentInto } from '../data/augment.ts';
import type { ImageSet } from '../data/dataset.ts';
import { normalization } from '../data/normalize.ts';
import { keyOf, Stream } from '../random.ts';
import { averagingDecay } from '../training/draws.ts';
import type { Engine, Evaluation, StepRequest, Tally } from '../training/engine.ts';
import type { Recipe } from '../training/recipe.ts';
import type { Chain } from './chain.ts';
import { LANES, layOut, type Layout, SHARDS } from './layout.ts';
import { createMemory, FIRST_FREE_ADDRESS, loadKernels } from './module.ts';
import { evaluationPhases, type Order, runPhases, stepPhases } from './phases.ts';

/** Raised whenever the same run would give other bits: the pinned hash in spec/kernels/native-bits.spec.ts says when. */
export const NATIVE_VERSION = '1';

export interface NativeOptions {
  readonly model: LayersModel;
  readonly chain: Chain;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Absent: an engine for evaluation alone. */
  readonly train?: ImageSet;
}

/** An engine on this project's own WebAssembly kernels, in memory of its own; starts from the model's weights. */
export function createNativeEngine({ model, chain, recipe, seed, train }: NativeOptions): Engine {
  const probe = createMemory(FIRST_FREE_ADDRESS);
  const layout = layOut(chain, recipe.batch, loadKernels(probe));
  const memory = createMemory(layout.bytes);
  const kernels = loadKernels(memory);
  const bytes = new Uint8Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const stepping = stepPhases(layout, kernels);
  const evaluating = evaluationPhases(layout, kernels);
  const table = normalization();
  const run = (phases: typeof stepping, order: Order) => runPhases(phases, order, kernels, layout, 0, 1);
  const averaged = recipe.weightAveraging !== undefined;

  readWeights(model, layout, floats);
  if (averaged) {
    floats.copyWithin(layout.averages / 4, layout.weights / 4, layout.weights / 4 + layout.weightFloats);
    floats.copyWithin(layout.movingAverages / 4, layout.moving / 4, layout.moving / 4 + layout.movingFloats);
  }

  const orderOf = (images: number, request?: StepRequest): Order => ({
    images,
    seed,
    step: request?.step ?? 0,
    learningRate: request?.learningRate ?? 0,
    momentum: recipe.momentum,
    weightDecay: recipe.weightDecay,
    labelSmoothing: request === undefined ? 0 : (recipe.labelSmoothing ?? 0),
    averaging: request === undefined ? 0 : averagingDecay(recipe, request.step),
    useAverages: averaged,
  });

  return {
    name: 'wasm',
    version: NATIVE_VERSION,
    threads: 1,
    step(request) {
      if (train === undefined) throw new Error('an engine without training images cannot train');
      const { images, epoch } = request;
      for (let i = 0; i < images.length; i++) {
        const index = images[i]!;
        const key = keyOf(seed, Stream.augment, epoch, index);
        const at = imageAddress(layout, i) / 4;
        augmentInto(floats, at, LANES, train, index, recipe.augmentation, key, table);
        bytes[layout.labels + i] = train.labels[index]!;
      }
      clearLanes(layout, floats, images.length);
      run(stepping, orderOf(images.length, request));
      return tallyOf(layout, floats);
    },
    evaluate(set): Evaluation {
      const predictions = new Uint8Array(set.count);
      let loss = 0;
      let correct = 0;
      for (let from = 0; from < set.count; from += layout.batch) {
        const count = Math.min(layout.batch, set.count - from);
        for (let i = 0; i < count; i++) {
          augmentInto(floats, imageAddress(layout, i) / 4, LANES, set, from + i, undefined, 0, table);
          bytes[layout.labels + i] = set.labels[from + i]!;
        }
        clearLanes(layout, floats, count);
        run(evaluating, orderOf(count));
        const tally = tallyOf(layout, floats);
        loss += tally.loss;
        correct += tally.correct;
        for (let i = 0; i < count; i++) predictions[from + i] = predictionOf(layout, floats, i);
      }
      return { loss, correct, predictions };
    },
    writeWeights: () => writeWeights(model, layout, floats, averaged),
    dispose: () => undefined,
  };
}

function imageAddress(layout: Layout, image: number): number {
  const { address, blockBytes } = layout.links[0]!.input;
  const block = Math.floor(image / LANES);
  return address + block * blockBytes + (image % LANES) * 4;
}

/** Images of the last block that do not exist are 0, so that they add nothing to any sum. */
function clearLanes(layout: Layout, floats: Float32Array, images: number): void {
  const { height, width, channels } = layout.links[0]!.link;
  const end = Math.ceil(images / LANES) * LANES;
  for (let image = images; image < end; image++) {
    const at = imageAddress(layout, image) / 4;
    for (let i = 0; i < height * width * channels; i++) floats[at + i * LANES] = 0;
  }
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
