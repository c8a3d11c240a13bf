import { z } from 'zod';
import { cosine } from '../sine.ts';

const rate = z.number().nonnegative();
const epochs = z.number().positive();
const factor = z.number().positive().max(1);
const settings = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).readonly();

const constantSchema = settings({ type: z.literal('constant'), learningRate: rate });

/** `initial` x `factor` for every `every` epochs done. */
const stepSchema = settings({ type: z.literal('step'), initial: rate, factor, every: epochs });

/** `initial` x `factor` for every number of epochs in `at` that is done. */
const multiStepSchema = settings({
  type: z.literal('multiStep'),
  initial: rate,
  factor,
  at: z.array(epochs).min(1).readonly(),
});

/** Piecewise linear in the number of epochs done, per step; before the first and after the last point it is constant. */
const linearSchema = settings({
  type: z.literal('linear'),
  /** [epochs done, learning rate], in rising order of epochs. */
  points: z
    .array(z.tuple([z.number().nonnegative(), rate]).readonly())
    .min(1)
    .refine(
      (points) => points.every(([at], i) => i === 0 || points[i - 1]![0] <= at),
      'points in rising order of epochs',
    )
    .readonly(),
});

/** Half a cosine from `initial` to `final` (default 0) over `epochs`; constant after that. https://arxiv.org/abs/1608.03983 */
const cosineSchema = settings({
  type: z.literal('cosine'),
  initial: rate,
  final: rate.exactOptional(),
  epochs,
});

/**
 * Half a cosine up from peak / `initialDivisor` (25) to `peak`, over the first `rise` (0.3) of `epochs`, and half a cosine
 * down to its start / `finalDivisor` (10,000): the defaults of PyTorch's OneCycleLR. https://arxiv.org/abs/1708.07120
 */
const oneCycleSchema = settings({
  type: z.literal('oneCycle'),
  peak: rate,
  epochs,
  rise: z.number().positive().lt(1).exactOptional(),
  initialDivisor: z.number().min(1).exactOptional(),
  finalDivisor: z.number().min(1).exactOptional(),
});

/** `initial` x `factor` for every epoch done. */
const exponentialSchema = settings({ type: z.literal('exponential'), initial: rate, factor });

/**
 * `factor` times as high after more than `patience` epochs in a row whose validation loss is not below the best by the share
 * `threshold` (1e-4), down to `minimum` (0): PyTorch's ReduceLROnPlateau.
 */
const plateauSchema = settings({
  type: z.literal('plateau'),
  initial: rate,
  factor,
  patience: z.number().int().nonnegative(),
  threshold: z.number().nonnegative().lt(1).exactOptional(),
  minimum: rate.exactOptional(),
});

export const scheduleSchema = z.discriminatedUnion('type', [
  constantSchema,
  stepSchema,
  multiStepSchema,
  linearSchema,
  cosineSchema,
  oneCycleSchema,
  exponentialSchema,
  plateauSchema,
]);
export type Schedule = z.infer<typeof scheduleSchema>;
export type LinearSchedule = z.infer<typeof linearSchema>;

/** The first `epochs` epochs are at `from` (a share of the schedule's rate), rising in a straight line to all of it. */
export const warmUpSchema = settings({ epochs, from: z.number().min(0).lt(1) });
export type WarmUp = z.infer<typeof warmUpSchema>;

export interface Pace {
  readonly schedule: Schedule;
  readonly warmUp?: WarmUp;
}

/**
 * Learning rate after `done` epochs (a fraction within an epoch), given the validation losses of all whole epochs before.
 * Only arithmetic that IEEE 754 rounds exactly.
 */
export function learningRate(
  { schedule, warmUp }: Pace,
  done: number,
  validationLosses: readonly number[],
): number {
  const rate = learningRateAt(schedule, done, validationLosses);
  if (warmUp === undefined || done >= warmUp.epochs) return rate;
  return rate * (warmUp.from + ((1 - warmUp.from) * done) / warmUp.epochs);
}

/** As `learningRate`, without warm-up. */
export function learningRateAt(
  schedule: Schedule,
  done: number,
  validationLosses: readonly number[] = [],
): number {
  switch (schedule.type) {
    case 'constant':
      return schedule.learningRate;
    case 'step':
      return reduced(schedule.initial, schedule.factor, Math.floor(done / schedule.every));
    case 'multiStep':
      return reduced(schedule.initial, schedule.factor, schedule.at.filter((at) => at <= done).length);
    case 'exponential':
      return reduced(schedule.initial, schedule.factor, Math.floor(done));
    case 'linear':
      return alongLines(schedule, done);
    case 'cosine':
      return halfCosine(schedule.initial, schedule.final ?? 0, done / schedule.epochs);
    case 'oneCycle': {
      const { peak, rise = 0.3, initialDivisor = 25, finalDivisor = 10_000 } = schedule;
      const start = peak / initialDivisor;
      const top = schedule.epochs * rise;
      return done < top
        ? halfCosine(start, peak, done / top)
        : halfCosine(peak, start / finalDivisor, (done - top) / (schedule.epochs - top));
    }
    case 'plateau': {
      const { initial, factor: by, minimum = 0 } = schedule;
      return Math.max(minimum, reduced(initial, by, plateaus(schedule, validationLosses)));
    }
  }
}

/** `initial` x `by` x `by` ..., a product at a time: what Math.pow rounds to is left to each JavaScript engine. */
function reduced(initial: number, by: number, times: number): number {
  let value = initial;
  for (let i = 0; i < times; i++) value *= by;
  return value;
}

function halfCosine(from: number, to: number, share: number): number {
  return share < 1 ? to + ((from - to) * (1 + cosine(180 * share))) / 2 : to;
}

function alongLines({ points }: LinearSchedule, done: number): number {
  const next = points.findIndex(([at]) => at > done);
  if (next === -1) return points.at(-1)![1];
  if (next === 0) return points[0]![1];
  const [from, low] = points[next - 1]!;
  const [to, high] = points[next]!;
  return low + ((high - low) * (done - from)) / (to - from);
}

/** How often the losses stopped falling. */
function plateaus(
  { patience, threshold = 1e-4 }: { patience: number; threshold?: number },
  losses: readonly number[],
): number {
  let best = Infinity;
  let waiting = 0;
  let found = 0;
  for (const loss of losses) {
    if (loss < best * (1 - threshold)) {
      best = loss;
      waiting = 0;
    } else if (++waiting > patience) {
      found++;
      waiting = 0;
    }
  }
  return found;
}
