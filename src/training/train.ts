import { setImmediate } from 'node:timers/promises';
import { epochOrder } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { splitOf } from '../data/split.ts';
import type { Epoch } from '../record.ts';
import type { Engine, Evaluation } from '../engine/engine.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { learningRate as learningRateOf } from '../recipe/schedule.ts';

export interface TrainOptions {
  readonly engine: Engine;
  readonly recipe: Recipe;
  readonly data: Dataset;
  readonly seed: number;
  readonly progress?: Progress;
  /** Epochs that are done, whose state the engine has; absent: none. */
  readonly done?: readonly Epoch[];
}

/** Told while a run goes on; draws nothing by itself. */
export interface Progress {
  onStep(done: number, total: number): void;
  onEpoch(epoch: Epoch): void;
  /** Once, before the first step, where the run goes on after these epochs. */
  onResume?(done: readonly Epoch[]): void;
  /** One line for a person, such as why a checkpoint is not used. */
  onNotice?(line: string): void;
}

export interface Trained {
  readonly epochs: readonly Epoch[];
  /** Present where the loss is no finite number any more: training ended with that epoch. One line. */
  readonly diverged?: string;
  /** Of all test images after the last epoch. */
  readonly final: Evaluation;
}

/**
 * The training loop, the same on every backend: `recipe.epochs` times all training images in a new order, then the images set
 * apart for validation, if any, and all test images. Train figures are the running ones of the epoch, with dropout and
 * augmentation on.
 */
export async function train({
  engine,
  recipe,
  data,
  seed,
  progress,
  done = [],
}: TrainOptions): Promise<Trained> {
  const { trained, validation } = splitOf(data.train, recipe.validation?.images ?? 0, seed);
  const count = trained.length;
  const stepsPerEpoch = Math.ceil(count / recipe.batch);
  const epochs: Epoch[] = [...done];
  const validationLosses = done.flatMap(({ validationLoss }) => validationLoss ?? []);
  await engine.ready;
  let final: Evaluation | undefined;
  let lastPause = performance.now();
  const isOver = done.length > 0 && isDiverged(done.at(-1)!);
  for (let epoch = done.length; epoch < recipe.epochs && !isOver; epoch++) {
    const start = performance.now();
    const order = epochOrder(seed, epoch, count).map((place) => trained[place]!);
    let loss = 0;
    let correct = 0;
    let learningRate = 0;
    for (let i = 0; i < stepsPerEpoch; i++) {
      const step = epoch * stepsPerEpoch + i;
      learningRate = learningRateOf(recipe, step / stepsPerEpoch, validationLosses);
      const images = order.subarray(i * recipe.batch, Math.min(count, (i + 1) * recipe.batch));
      const tally = engine.step({ images, epoch, step, learningRate });
      loss += tally.loss;
      correct += tally.correct;
      progress?.onStep(step + 1, recipe.epochs * stepsPerEpoch);
      if (performance.now() - lastPause > PAUSE_MS) {
        // Lets timers, signals and messages of the surrounding process through.
        await setImmediate();
        lastPause = performance.now();
      }
    }
    const validated = validation && engine.evaluate(validation);
    if (validated) validationLosses.push(validated.loss / validation.count);
    final = engine.evaluate(data.test);
    const row: Epoch = {
      epoch: epoch + 1,
      learningRate,
      trainCorrect: correct,
      trainTotal: count,
      trainLoss: loss / count,
      ...(validated && {
        validationCorrect: validated.correct,
        validationTotal: validation.count,
        validationLoss: validated.loss / validation.count,
      }),
      testCorrect: final.correct,
      testTotal: data.test.count,
      testLoss: final.loss / data.test.count,
      seconds: (performance.now() - start) / 1000,
    };
    epochs.push(row);
    progress?.onEpoch(row);
    if (isDiverged(row)) break;
    await setImmediate();
  }
  const diverged = isDiverged(epochs.at(-1)!) ? divergence(epochs) : undefined;
  return { epochs, final: final ?? engine.evaluate(data.test), ...(diverged !== undefined && { diverged }) };
}

/** Between two looks at the event loop: often enough for Ctrl-C, too seldom to cost anything. */
const PAUSE_MS = 200;

/** The first loss of an epoch that is no finite number. */
export function lostLoss({ trainLoss, validationLoss = 0, testLoss }: Epoch): number | undefined {
  return [trainLoss, validationLoss, testLoss].find((loss) => !Number.isFinite(loss));
}

function isDiverged(row: Epoch): boolean {
  return lostLoss(row) !== undefined;
}

/** What is known of a run whose loss has become NaN or infinite in its last epoch. */
function divergence(epochs: readonly Epoch[]): string {
  const { epoch, learningRate } = epochs.at(-1)!;
  const loss = lostLoss(epochs.at(-1)!);
  const before = epochs.at(-2);
  const last =
    before === undefined ? 'in the first epoch' : `${before.trainLoss.toPrecision(4)} in the epoch before`;
  return `training was stopped after epoch ${epoch}: its loss is ${loss} at a learning rate of ${learningRate}, ${before === undefined ? '' : 'the last finite one was '}${last}. Lower the learning rate, or clip the gradients`;
}
