import { z } from 'zod';

/**
 * The narrow waist of the project: what training leaves behind and everything after it (verdicts, reports, README)
 * reads. Plain JSON; left of it there are tensors, right of it there are none.
 */

const hex256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');
const count = z.number().int().nonnegative();

/** One row of a receptive-field table: the eleven columns of the published one. */
export const layerRowSchema = z.object({
  layer: z.number().int().positive(),
  operation: z.string(),
  inputSize: count,
  kernel: count,
  padding: count,
  stride: count,
  outputSize: count,
  jumpIn: count,
  jumpOut: count,
  receptiveFieldIn: count,
  receptiveFieldOut: count,
  /** Of the built model: tells which layer's cost the row belongs to. */
  layerName: z.string().optional(),
});
export type LayerRow = z.infer<typeof layerRowSchema>;

/** What a layer of the built model costs: trainable parameters and multiply-adds an image. */
export const layerCostSchema = z.object({
  layer: z.string(),
  output: z.array(z.number().int().positive()),
  parameters: count,
  multiplyAdds: count,
});
export type LayerCost = z.infer<typeof layerCostSchema>;

export const epochSchema = z.object({
  epoch: z.number().int().positive(),
  /** Learning rate of the epoch's last step. */
  learningRate: z.number(),
  /** Running counts of the epoch, with dropout and augmentation on. */
  trainCorrect: count,
  trainTotal: z.number().int().positive(),
  trainLoss: z.number(),
  /** Images that the recipe sets apart from the training images, after the epoch. */
  validationCorrect: count.exactOptional(),
  validationTotal: z.number().int().positive().exactOptional(),
  validationLoss: z.number().exactOptional(),
  /** All test images after the epoch. */
  testCorrect: count,
  testTotal: z.number().int().positive(),
  testLoss: z.number(),
  seconds: z.number().nonnegative(),
});
export type Epoch = z.infer<typeof epochSchema>;

export const runRecordSchema = z.object({
  schema: z.literal(1),
  id: z.string().min(1),
  name: z.string(),
  seed: z.number().int().nonnegative(),
  /** SHA-256 of the built model, the recipe, the data and the engine version: equal fingerprints and seeds mean equal bits on WASM. */
  fingerprint: hex256,
  /** What computed the steps: 'wasm' (this project's kernels) or 'tfjs' (plain tensor operations), and the version of its arithmetic. */
  engine: z.object({ name: z.string(), version: z.string() }),
  backend: z.object({ name: z.string(), version: z.string(), reason: z.string() }),
  versions: z.object({ node: z.string(), tfjs: z.string(), project: z.string() }),
  data: z.object({ name: z.string(), sha256: hex256, train: count, test: count, classes: count }),
  model: z.object({
    parameters: count,
    multiplyAdds: count,
    receptiveField: count,
    receptiveFieldTable: z.array(layerRowSchema),
    layers: z.array(layerCostSchema),
  }),
  recipe: z.record(z.string(), z.unknown()),
  epochs: z.array(epochSchema).min(1),
  /** Rows: true class; columns: predicted class; test images after the last epoch. */
  confusion: z.array(z.array(count)),
  /** Channels that are constant over the first `images` test images, of all that were looked at; "relu3[4]" is channel 4 after relu3. */
  deadChannels: z.object({ images: count, channels: count, dead: z.array(z.string()) }).optional(),
  seconds: z.number().nonnegative(),
  threads: z.number().int().positive(),
  weights: z.object({ file: z.string(), bytes: count, sha256: hex256 }),
  /** SHA-256 of everything above (JSON with sorted keys): shows a figure changed by hand. */
  seal: hex256,
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** Where the figures of an evidence come from, in falling order of strength. */
export type Provenance = 'trained' | 're-evaluated' | 'recorded';

/** What a gate judges: the runs of one iteration (one per seed, at least one) and how much of them was measured just now. */
export interface Evidence {
  readonly id: string;
  readonly name: string;
  readonly runs: readonly RunRecord[];
  readonly provenance: Provenance;
  /** What measured it just now and why that; absent: what the runs were trained on. */
  readonly backend?: { readonly name: string; readonly reason: string };
  /** One line for a person: what was measured, or why it was not. */
  readonly note: string;
}

/** Per cent of `total`. */
export function percent(correct: number, total: number): number {
  return (100 * correct) / total;
}

/** Test accuracy of every epoch, per cent. */
export function testAccuracy(run: RunRecord): number[] {
  return run.epochs.map((epoch) => percent(epoch.testCorrect, epoch.testTotal));
}

/** Train accuracy of every epoch (running mean, dropout and augmentation on), per cent. */
export function trainAccuracy(run: RunRecord): number[] {
  return run.epochs.map((epoch) => percent(epoch.trainCorrect, epoch.trainTotal));
}

/** The first epoch from which every test accuracy to the last epoch is at least `target` per cent; undefined if none. */
export function consistentFrom(run: RunRecord, target: number): number | undefined {
  const accuracies = testAccuracy(run);
  const lastMiss = accuracies.findLastIndex((accuracy) => accuracy < target);
  return lastMiss === accuracies.length - 1 ? undefined : lastMiss + 2;
}
