import { epochOrder } from '../../src/data/batches.ts';
import type { ImageSet } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import type { Network } from '../../src/model/layers.ts';
import { convolutionsOf } from './kernels.ts';
import { gflops, stepOperations } from './operations.ts';
import { ownEngine, repeated } from './own-engine.ts';
import { SEED, stepper } from '../../src/backends/steps.ts';
import type { Growth } from './schema.ts';
import { growthExponent, medianOf } from './statistics.ts';

const BATCHES = [8, 16, 32, 64, 128, 256];
const CHANNELS = [4, 8, 12, 16, 20, 24, 32];
/** Steps of a sample. */
const STEPS = 3;

export interface GrowthOptions {
  readonly iteration: Iteration;
  readonly data: ImageSet;
  readonly rounds: number;
  /** Numbers of training images of an epoch. */
  readonly images: readonly number[];
  readonly onDone: (done: number, total: number) => void;
}

/** How the own step grows, on one thread: with the batch, with the channels of every layer, and an epoch with its images. */
export async function measureGrowth(options: GrowthOptions): Promise<Growth> {
  const { iteration, data, rounds, images, onDone } = options;
  const total = 2 * rounds + images.length;
  const base = { network: iteration.network, recipe: iteration.recipe };

  const byBatch = await sampled(
    BATCHES.map((batch) => ({ ...base, recipe: { ...base.recipe, batch } })),
    data,
    rounds,
    (round) => onDone(round, total),
  );
  const batch = BATCHES.map((size, i) => {
    const milliseconds = byBatch[i]!;
    return { batch: size, milliseconds, microsecondsPerImage: (1000 * milliseconds) / size };
  });

  const networks = CHANNELS.map((count) => withChannels(iteration.network, count));
  const byChannels = await sampled(
    networks.map((network) => ({ ...base, network })),
    data,
    rounds,
    (round) => onDone(rounds + round, total),
  );
  const channels = CHANNELS.map((count, i) => {
    const milliseconds = byChannels[i]!;
    const operations = stepOperations(convolutionsOf(networks[i]!), base.recipe.batch);
    return { channels: count, milliseconds, gflops: gflops(operations, milliseconds) };
  });

  const byImages: Growth['images'] = [];
  for (const [i, count] of images.entries()) {
    byImages.push({ images: count, seconds: await epochSeconds(iteration, repeated(data, count)) });
    onDone(2 * rounds + i + 1, total);
  }
  return {
    batch,
    channels,
    images: byImages,
    exponents: {
      batch: growthExponent(batch.map((row) => [row.batch, row.milliseconds])),
      channels: growthExponent(channels.map((row) => [row.channels, row.milliseconds])),
      images: growthExponent(byImages.map((row) => [row.images, row.seconds])),
    },
  };
}

/** Milliseconds of a step of each variant, which take turns. */
async function sampled(
  variants: readonly Pick<Iteration, 'network' | 'recipe'>[],
  data: ImageSet,
  rounds: number,
  onRound: (done: number) => void,
): Promise<number[]> {
  const rows = [];
  for (const variant of variants) {
    const engine = await ownEngine(variant, { train: data });
    const step = stepper(engine, variant.recipe, data.count);
    // Past V8's first, slower code.
    for (let i = 0; i < 2 * STEPS; i++) step();
    rows.push({ engine, step, samples: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { step, samples } of rows) {
      const start = performance.now();
      for (let i = 0; i < STEPS; i++) step();
      samples.push((performance.now() - start) / STEPS);
    }
    onRound(round + 1);
  }
  return rows.map(({ engine, samples }) => {
    engine.dispose();
    return medianOf(samples);
  });
}

/** The same layers with `count` channels each, but for the last, whose channels are the classes. */
function withChannels(network: Network, count: number): Network {
  const last = network.layers.findLastIndex(({ type }) => type === 'convolution');
  const layers = network.layers.map((layer, i) =>
    layer.type === 'convolution' && i !== last ? { ...layer, filters: count } : layer,
  );
  return { ...network, layers };
}

/** One epoch of training, its shuffling included. */
async function epochSeconds(iteration: Iteration, train: ImageSet): Promise<number> {
  const engine = await ownEngine(iteration, { train });
  const { batch } = iteration.recipe;
  const start = performance.now();
  const order = epochOrder(SEED, 0, train.count);
  for (let from = 0; from < train.count; from += batch) {
    const images = order.subarray(from, Math.min(train.count, from + batch));
    engine.step({ images, epoch: 0, step: from / batch, learningRate: 0.01 });
  }
  const seconds = (performance.now() - start) / 1000;
  engine.dispose();
  return seconds;
}
