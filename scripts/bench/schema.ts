import { z } from 'zod';

/** reports/bench.json: what `npm run bench` measured. Times of one step are milliseconds unless a name says otherwise. */

const positive = z.number().positive();
const count = z.number().int().positive();
const share = z.number().min(0);

const contestants = {
  /** This project's engine. */
  own: positive,
  /** Stock WASM kernels, best composition: gradients as convolutions, batch norm of tf.layers. */
  stock: positive,
  /** Stock WASM kernels as a first work-around puts them together: nine slices, stock input gradient. */
  naive: positive,
  /** The cpu backend of tfjs. */
  cpu: positive,
  tfjsNode: positive.optional(),
  pytorch: positive.optional(),
};

const kernelSchema = z.object({
  name: z.string(),
  shape: z.string(),
  /** Whether the engine uses it at this shape; the others are there to compare with. */
  used: z.boolean(),
  /** Of the median time, operations counted as in the direct convolution. */
  gflops: positive,
  bestGflops: positive,
  /** Median over the rounds of the kernel's GFLOP/s by the peak measured beside it. */
  shareOfPeak: share,
  /** The best of all rounds by the best peak of all rounds: what is left when others leave the machine alone. */
  bestShareOfPeak: share,
  milliseconds: positive,
});

const profileSchema = z.object({
  iteration: z.string(),
  milliseconds: positive,
  /** Shares of the step's time: inside the kernels, and the rest: JavaScript's own and the clock. */
  shares: z.object({ kernels: share, rest: share }),
  kernels: z.array(
    z.object({
      name: z.string(),
      calls: count,
      milliseconds: positive,
      share,
      gflops: positive.optional(),
      gigabytesPerSecond: positive.optional(),
    }),
  ),
});

const stepSchema = z.object({
  iteration: z.string(),
  batch: count,
  threads: count,
  gflops: positive,
  /** Of `threads` times the peak of one core, measured in the same rounds. */
  shareOfPeak: share,
  bestShareOfPeak: share,
  milliseconds: z.object(contestants),
  minima: z.object(contestants),
  /** Median over the rounds of the other's time by the own one: how many times faster this project is. */
  timesFaster: z.object({
    stock: positive,
    naive: positive,
    cpu: positive,
    tfjsNode: positive.optional(),
    pytorch: positive.optional(),
  }),
});

const epochSchema = z.object({
  iteration: z.string(),
  threads: count,
  images: count,
  trainingSeconds: positive,
  evaluationImages: count,
  evaluationSeconds: positive,
  /** The most that a process of its own held at any time, its data included. */
  peakMegabytes: positive,
});

export const benchSchema = z.object({
  schema: z.literal(1),
  quick: z.boolean(),
  date: z.iso.datetime(),
  machine: z.object({
    cpu: z.string(),
    cores: count,
    memoryMegabytes: count,
    platform: z.string(),
    node: z.string(),
    /** Processes that wanted a core before the benchmark began, over one minute: much above 0 means a busy machine. */
    loadAverage: z.number().min(0),
  }),
  /** Where the images of the epochs came from. */
  data: z.string(),
  /** 128-bit multiplications and additions in registers, one core; median of all rounds. */
  peakGflops: positive,
  bestPeakGflops: positive,
  kernels: z.array(kernelSchema).min(1),
  profiles: z.array(profileSchema),
  steps: z.array(stepSchema).min(1),
  /** What else was measured, or why it was not. */
  notes: z.record(z.string(), z.string()),
  /** Iteration 5, one thread, per 60,000 training images, without evaluation. */
  secondsPerEpoch: positive,
  epochs: z.array(epochSchema).min(1),
  memory: z.object({
    iteration: z.string(),
    peakMegabytes: positive,
    epochs: z.array(z.object({ epoch: count, residentMegabytes: positive, heapMegabytes: positive })).min(1),
  }),
  growth: z.object({
    batch: z.array(z.object({ batch: count, milliseconds: positive, microsecondsPerImage: positive })),
    channels: z.array(z.object({ channels: count, milliseconds: positive, gflops: positive })),
    images: z.array(z.object({ images: count, seconds: positive })),
    /** p of time = a x^p. */
    exponents: z.object({ batch: z.number(), channels: z.number(), images: z.number() }),
  }),
  /** Wall-clock seconds of `npm run test:retrain`. */
  retrainSeconds: positive.optional(),
});

export type Bench = z.infer<typeof benchSchema>;
export type KernelFigures = Bench['kernels'][number];
export type Profile = Bench['profiles'][number];
export type StepFigures = Bench['steps'][number];
export type EpochFigures = Bench['epochs'][number];
export type Memory = Bench['memory'];
export type Growth = Bench['growth'];
