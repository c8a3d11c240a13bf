import { selectBackend } from '../../src/backend/select.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import { findIteration, iterations } from '../../src/iterations/index.ts';
import { measureEpoch, measureMemory } from './epochs.ts';
import { measureGrowth } from './growth.ts';
import { eachOnce, measureKernels, shapesOf, squareShapes } from './kernels.ts';
import { describeMachine } from './machine.ts';
import { stepImages } from '../../src/backends/steps.ts';
import { profileOf } from './profile.ts';
import { beginPart } from './progress.ts';
import type { Bench, Profile, StepFigures } from './schema.ts';
import { medianOf } from './statistics.ts';
import { measureSteps } from './steps.ts';

/** How much is measured. Images and test images are those of an epoch. */
interface Effort {
  readonly kernelRounds: number;
  /** Whose convolutions are measured one by one. */
  readonly shapesOf: readonly Iteration[];
  /** From one number of channels to the next. */
  readonly channelStep: number;
  readonly compared: readonly Iteration[];
  readonly stepRounds: number;
  readonly slowRounds: number;
  readonly steps: number;
  readonly cpuImages: number;
  readonly growthRounds: number;
  readonly growthImages: readonly number[];
  readonly epochs: readonly { readonly iteration: Iteration; readonly threads: number }[];
  readonly images: number;
  readonly test: number;
  readonly memoryEpochs: number;
  readonly memoryImages: number;
}

const FIVE = findIteration(5);
const SIX = findIteration(6);

const FULL: Effort = {
  kernelRounds: 15,
  shapesOf: iterations,
  channelStep: 1,
  compared: [FIVE, SIX],
  stepRounds: 9,
  slowRounds: 3,
  steps: 10,
  cpuImages: 8,
  growthRounds: 9,
  growthImages: [3_750, 7_500, 15_000, 30_000, 60_000],
  epochs: [
    ...iterations.map((iteration) => ({ iteration, threads: 1 })),
    ...[FIVE, SIX].map((iteration) => ({ iteration, threads: 2 })),
  ],
  images: 60_000,
  test: 10_000,
  memoryEpochs: 5,
  memoryImages: 20_000,
};

const QUICK: Effort = {
  kernelRounds: 1,
  shapesOf: [FIVE],
  channelStep: 12,
  compared: [FIVE],
  stepRounds: 1,
  slowRounds: 1,
  steps: 2,
  cpuImages: 1,
  growthRounds: 1,
  growthImages: [256, 512],
  epochs: [{ iteration: FIVE, threads: 1 }],
  images: 1_024,
  test: 512,
  memoryEpochs: 2,
  memoryImages: 512,
};

/** Images of a whole epoch of MNIST, which `secondsPerEpoch` is about. */
const EPOCH_IMAGES = 60_000;

/** Everything but `retrainSeconds`, one part after the other. */
export async function measure({
  quick,
  python,
}: {
  readonly quick: boolean;
  readonly python: string;
}): Promise<Bench> {
  const effort = quick ? QUICK : FULL;
  const machine = describeMachine();
  // Models are built here and trained in processes of their own, or by the own engine, which needs no backend.
  await selectBackend({ force: 'cpu' });
  const images = stepImages(FIVE.network);

  const { kernels, peaks } = await part('Convolution kernels', async (update) =>
    measureKernels({
      rounds: effort.kernelRounds,
      shapes: eachOnce([...shapesOf(effort.shapesOf), ...squareShapes(effort.channelStep)]),
      onRound: (done) => update(done, effort.kernelRounds),
    }),
  );

  const profiles: Profile[] = [];
  for (const iteration of effort.compared) {
    profiles.push(await profileOf(iteration, images, 20 * effort.steps));
  }

  const allPeaks = [...peaks];
  const steps: StepFigures[] = [];
  const notes: Record<string, string> = {};
  for (const iteration of effort.compared) {
    const found = await part(`Training step of ${iteration.id}`, (update) =>
      measureSteps({
        ...effort,
        iteration,
        rounds: effort.stepRounds,
        python,
        onRound: (done) => update(done, effort.stepRounds),
      }),
    );
    steps.push(...found.steps);
    allPeaks.push(...found.peaks);
    Object.assign(notes, found.notes);
  }

  const growth = await part('Growth with batch, channels and images', (update) =>
    measureGrowth({
      iteration: FIVE,
      data: images,
      rounds: effort.growthRounds,
      images: effort.growthImages,
      onDone: update,
    }),
  );

  const epochs = await part('Epochs', async (update) => {
    const rows: Awaited<ReturnType<typeof measureEpoch>>[] = [];
    for (const { iteration, threads } of effort.epochs) {
      rows.push(await measureEpoch({ iteration, threads, images: effort.images, test: effort.test }));
      update(rows.length, effort.epochs.length);
    }
    return rows;
  });
  const memory = await part('Memory over epochs', () =>
    measureMemory(
      { iteration: FIVE, threads: 1, images: effort.memoryImages, test: effort.test },
      effort.memoryEpochs,
    ),
  );
  const five = epochs.find(({ iteration, threads }) => iteration === FIVE.id && threads === 1)!;
  return {
    schema: 1,
    quick,
    date: new Date().toISOString(),
    machine,
    data: five.data,
    peakGflops: medianOf(allPeaks),
    bestPeakGflops: Math.max(...allPeaks),
    kernels: [...kernels],
    profiles,
    steps,
    notes,
    secondsPerEpoch: (five.trainingSeconds * EPOCH_IMAGES) / five.images,
    epochs,
    memory,
    growth,
  };
}

async function part<T>(
  name: string,
  run: (update: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const shown = beginPart(name);
  try {
    return await run((done, total) => shown.update(done, total));
  } finally {
    shown.end();
  }
}
