import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ImageSet, imageSize } from '../../data/dataset.ts';
import { type PixelStatistics, statisticsFor } from '../../data/normalize.ts';
import { networkOf, type ReadModel } from '../../model/network-of.ts';
import { updateRule } from '../../recipe/optimizer.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { dropoutKey } from '../draws.ts';
import type { Engine, Evaluation, Tally } from '../engine.ts';
import { compileNetwork, EVALUATION_IMAGES, type Compiled } from './compile.ts';
import { type Command, type CrewPlan, joinCrew, type Order, startCrew, type ThreadFile } from './crew.ts';
import { SHARDS } from './lanes.ts';
import { compiledKernels, createMemory } from './module.ts';
import type { Program } from './program.ts';
import { createTold } from './told.js';
import { nativePlanOf, type NativePlan } from './units.ts';
import { stepWriter, writeUpdate } from './update.ts';
import { loadState, readWeights, saveState, writeDecays, writeWeights } from './weights.ts';

/** Raised whenever the same run would give other bits: the pinned hash in spec/kernels/native-bits.spec.ts says when. */
export const NATIVE_VERSION = '3';

/** A model that the native engine can run. */
export interface NativeModel {
  readonly read: ReadModel;
  readonly plan: NativePlan;
}

/** How the engine would run a model, or the reason, in one line that names the layer, why it cannot. */
export function nativeModelOf(model: LayersModel): NativeModel | { readonly reason: string } {
  const read = networkOf(model);
  if ('reason' in read) return read;
  const plan = nativePlanOf(read.graph);
  return 'reason' in plan ? plan : { read, plan };
}

export interface NativeOptions {
  readonly native: NativeModel;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Absent: an engine for evaluation alone. */
  readonly train?: ImageSet;
  /** What images are normalized by; absent: MNIST's. */
  readonly statistics?: PixelStatistics;
  /** Cores to use, 1 (default) to SHARDS; the result is the same to the bit. */
  readonly threads?: number;
  /** What the threads run; absent: their work. */
  readonly threadFile?: ThreadFile;
}

/** An engine on this project's own WebAssembly kernels, in memory of its own; starts from the model's weights. */
export function createNativeEngine(options: NativeOptions): Engine {
  const { native, recipe, seed } = options;
  const threads = Math.max(1, Math.min(SHARDS, options.threads ?? 1));
  const compiled = compileNetwork({
    ...native,
    batch: recipe.batch,
    threads,
    trains: options.train !== undefined,
  });
  const { places, book, addresses } = compiled;
  const memory = createMemory(compiled.bytes);
  compiled.write(memory);
  const [height, width, channels] = native.read.network.input;
  const plan: CrewPlan = {
    memory,
    kernels: compiledKernels(),
    told: createTold(threads),
    threads,
    ...(compiled.step && { step: compiled.step }),
    evaluation: compiled.evaluation,
    places,
    clipsNorm: Number.isFinite(updateRule(recipe).clipNorm),
    statistics: statisticsFor(channels, options.statistics),
    image: { height, width, channels },
    ...(options.train && { train: threads > 1 ? shared(options.train) : options.train }),
    ...(recipe.augmentation && { augmentation: recipe.augmentation }),
  };
  let isComplete = threads === 1;
  let hasFailed = false;
  const crew = startCrew(plan, options.threadFile);
  const ready = crew.ready.then(() => {
    isComplete = true;
  });
  // Reported by `ready` to whoever awaits it, and to nobody else.
  ready.catch(() => undefined);
  const first = joinCrew(plan, 0);
  const floats = new Float32Array(memory.buffer);
  const memoryBytes = new Uint8Array(memory.buffer);
  const indices = new Uint32Array(memory.buffer, places.indices, recipe.batch);
  const keys = new Uint32Array(memory.buffer, compiled.dropoutKeys, Math.max(1, compiled.dropouts));
  const order = new DataView(memory.buffer, compiled.order);
  const averaged = recipe.weightAveraging !== undefined;

  readWeights(book, floats, addresses);
  writeUpdate(memory.buffer, places.update, compiled.update, recipe);
  const writeStep = stepWriter(memory.buffer, places.update, recipe);
  const tallyOf = tallyReader(compiled, memory);
  writeDecays(book, recipe, floats, addresses.decays);
  const copy = (from: number, to: number, count: number) =>
    floats.copyWithin(to / 4, from / 4, from / 4 + count);
  if (averaged) {
    copy(addresses.weights, addresses.averages, book.count);
    copy(addresses.moving, addresses.movingAverages, book.movingCount);
  }
  const choose = () => {
    copy(averaged ? addresses.averages : addresses.weights, addresses.evaluated, book.count);
    copy(averaged ? addresses.movingAverages : addresses.moving, addresses.evaluatedMoving, book.movingCount);
  };

  const command = (what: Command, { images, epoch }: Omit<Order, 'seed'>, labelSmoothing: number) => {
    // The barrier would wait for threads that cannot start before this one goes back to its event loop: for good.
    if (!isComplete) throw new Error('an engine of several threads works after `await engine.ready` only');
    if (hasFailed) throw new Error('this engine has failed before: it cannot go on');
    order.setInt32(0, images, true);
    order.setFloat32(4, labelSmoothing, true);
    first.order(what, { images, seed, epoch });
    try {
      first.obey();
    } catch (error) {
      hasFailed = true;
      first.fail();
      // One that hangs would keep the process alive.
      crew.end();
      throw error;
    }
  };

  return {
    name: 'wasm',
    version: NATIVE_VERSION,
    threads,
    ready,
    step({ images, epoch, step, learningRate }) {
      if (plan.train === undefined) throw new Error('an engine without training images cannot train');
      indices.set(images);
      writeStep({ step, learningRate });
      for (let i = 0; i < compiled.dropouts; i++) keys[i] = dropoutKey(seed, i, step);
      command('step', { images: images.length, epoch }, recipe.labelSmoothing ?? 0);
      return tallyOf(compiled.step!);
    },
    evaluate(set): Evaluation {
      choose();
      const size = imageSize(set);
      const labels = new Uint16Array(memory.buffer, places.stagedLabels, EVALUATION_IMAGES);
      const found = new Uint16Array(memory.buffer, compiled.predictions, EVALUATION_IMAGES);
      const predictions = new Uint16Array(set.count);
      let loss = 0;
      let correct = 0;
      for (let from = 0; from < set.count; from += EVALUATION_IMAGES) {
        const images = Math.min(EVALUATION_IMAGES, set.count - from);
        memoryBytes.set(set.pixels.subarray(from * size, (from + images) * size), places.staged);
        labels.set(set.labels.subarray(from, from + images));
        command('evaluate', { images, epoch: 0 }, 0);
        const tally = tallyOf(compiled.evaluation);
        loss += tally.loss;
        correct += tally.correct;
        predictions.set(found.subarray(0, images), from);
      }
      return { loss, correct, predictions };
    },
    writeWeights() {
      choose();
      writeWeights(book, floats, addresses);
    },
    saveState: () => saveState(book, memoryBytes, addresses),
    loadState: (state) => loadState(book, memoryBytes, addresses, state),
    dispose() {
      if (threads === 1 || hasFailed) return;
      const quit = () => {
        try {
          command('quit', { images: 0, epoch: 0 }, 0);
        } catch {
          // A thread is gone, and the others with it: nothing was asked of them any more.
        }
      };
      if (isComplete) quit();
      else ready.then(quit, crew.end);
    },
  };
}

/** The same images in memory that all threads see. */
function shared(set: ImageSet): ImageSet {
  const pixels = new Uint8Array(new SharedArrayBuffer(set.pixels.length));
  pixels.set(set.pixels);
  const labels = new Uint16Array(new SharedArrayBuffer(2 * set.labels.length));
  labels.set(set.labels);
  return { ...set, pixels, labels };
}

/** Of what a program has counted: sums over its shards, in order. All threads wait for it, so it keeps its view. */
function tallyReader({ tally, tallyStride }: Compiled, { buffer }: WebAssembly.Memory) {
  const words = new Float64Array(buffer);
  return ({ shardCount }: Program): Tally => {
    let loss = 0;
    let correct = 0;
    for (let shard = 0; shard < shardCount; shard++) {
      const at = (tally + shard * tallyStride) / 8;
      loss += words[at]!;
      correct += words[at + 1]!;
    }
    return { loss, correct };
  };
}
