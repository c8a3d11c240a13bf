import { z } from 'zod';
import { type Fact, factSchema } from './fact.ts';
import { figureSchema } from './figure.ts';

/**
 * The narrow waist of the project: what training leaves behind and everything after it (verdicts, reports, README)
 * reads. Plain JSON; left of it there are tensors, right of it there are none.
 */

const hex256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');
const count = z.number().int().nonnegative();

/** Raised when a field changes or goes. */
export const RECORD_SCHEMA = 2;

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

/** What a layer of the built model costs; weights and layers that are used twice count once. */
export const layerCostSchema = z.object({
  layer: z.string(),
  /** Of one image; null: a size that the model leaves open. */
  output: z.array(z.number().int().positive().nullable()),
  /** Weights that training changes. */
  parameters: count,
  /** Those and the ones that it leaves alone: moving statistics, frozen weights. */
  allParameters: count,
  /** Of one image's forward pass. */
  multiplyAdds: factSchema(count),
});
export type LayerCost = z.infer<typeof layerCostSchema>;

/** A receptive field in input pixels, along both axes. */
export const fieldSchema = z.object({
  height: z.number().int().positive(),
  width: z.number().int().positive(),
});
export type Field = z.infer<typeof fieldSchema>;

/** What follows from the model alone; each figure is known, or the reason is why it is not. */
export const modelFactsSchema = z.object({
  /** Weights that training changes. */
  parameters: factSchema(count),
  /** Those and the ones that it leaves alone: moving statistics, frozen weights. */
  allParameters: factSchema(count),
  /** Of one image's forward pass. */
  multiplyAdds: factSchema(count),
  /** Of the output. */
  receptiveField: factSchema(fieldSchema),
  /** Of one position of the last map, before global pooling or a dense layer reads all of it. */
  receptiveFieldBeforeHead: factSchema(fieldSchema),
  /** Along the height. */
  receptiveFieldTable: factSchema(z.array(layerRowSchema)),
  layers: z.array(layerCostSchema),
});
export type ModelFacts = z.infer<typeof modelFactsSchema>;

/** What the model's output means: declared, as it cannot be seen from its last layer. */
export const outputKindSchema = z.enum(['logits', 'probabilities', 'log-probabilities']);
export type OutputKind = z.infer<typeof outputKindSchema>;

export const epochSchema = z.object({
  epoch: z.number().int().positive(),
  /** Learning rate of the epoch's last step. */
  learningRate: figureSchema,
  /** Running counts of the epoch, with dropout and augmentation on. */
  trainCorrect: count,
  trainTotal: z.number().int().positive(),
  trainLoss: figureSchema,
  /** Images that the recipe sets apart from the training images, after the epoch. */
  validationCorrect: count.exactOptional(),
  validationTotal: z.number().int().positive().exactOptional(),
  validationLoss: figureSchema.exactOptional(),
  /** All test images after the epoch. */
  testCorrect: count,
  testTotal: z.number().int().positive(),
  testLoss: figureSchema,
  seconds: z.number().nonnegative(),
});
export type Epoch = z.infer<typeof epochSchema>;

/** All that is needed to build the network again: this project's plain data, or the topology that tf.layers writes. */
export const describedNetworkSchema = z.discriminatedUnion('form', [
  z.object({
    form: z.literal('layers'),
    input: z.tuple([count, count, count]),
    layers: z.array(z.looseObject({ type: z.string() })),
  }),
  z.object({ form: z.literal('topology'), topology: z.record(z.string(), z.unknown()) }),
]);
export type DescribedNetwork = z.infer<typeof describedNetworkSchema>;

/** Channels that are constant over the first `images` test inputs, of all that were looked at; "relu3[4]" is channel 4 after relu3. */
export const deadChannelsSchema = z.object({ images: count, channels: count, dead: z.array(z.string()) });
export type DeadChannels = z.infer<typeof deadChannelsSchema>;

export const runRecordSchema = z.strictObject({
  schema: z.literal(RECORD_SCHEMA),
  id: z.string().min(1),
  name: z.string(),
  seed: z.number().int().nonnegative(),
  /** SHA-256 of the built model, the recipe, the data and the engine version: equal fingerprints and seeds mean equal bits on WASM. */
  fingerprint: hex256,
  /** What computed the steps: 'wasm' (this project's kernels) or 'tfjs' (plain tensor operations), and the version of its arithmetic. */
  engine: z.object({
    name: z.string(),
    version: z.string(),
    /** Why it went the slow way, where it did, and what that costs; one line. */
    note: z.string().exactOptional(),
  }),
  /** Why training ended before its last epoch, where it did; one line. */
  diverged: z.string().exactOptional(),
  backend: z.object({ name: z.string(), version: z.string(), reason: z.string() }),
  versions: z.object({ node: z.string(), tfjs: z.string(), project: z.string() }),
  data: z.object({
    name: z.string(),
    sha256: hex256,
    train: count,
    test: count,
    classes: count,
    /** Test inputs that also are training inputs. */
    repeated: count,
  }),
  network: describedNetworkSchema,
  output: outputKindSchema,
  model: modelFactsSchema,
  recipe: z.record(z.string(), z.unknown()),
  epochs: z.array(epochSchema).min(1),
  /** Rows: true class; columns: predicted class; test images after the last epoch. */
  confusion: z.array(z.array(count)),
  deadChannels: factSchema(deadChannelsSchema),
  seconds: z.number().nonnegative(),
  threads: z.number().int().positive(),
  weights: z.object({ file: z.string(), bytes: count, sha256: hex256 }),
  /** SHA-256 of everything above (JSON with sorted keys): shows a figure changed by hand. */
  seal: hex256,
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** A test image that is read wrongly. */
export const misreadSchema = z.object({
  index: count,
  truth: count,
  answer: count,
  /** The probability that the model gives its answer. */
  confidence: z.number().min(0).max(1),
  /** The image as it was before training changed it, a PNG in base64. */
  image: z.object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    png: z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, 'base64'),
  }),
});
export type Misread = z.infer<typeof misreadSchema>;

/** Where the figures of an evidence come from, in falling order of strength. */
export const provenanceSchema = z.enum(['trained', 'replayed', 're-evaluated', 'recorded']);
export type Provenance = z.infer<typeof provenanceSchema>;

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
  /** What the first run reads wrongly, the surest first; absent: the images were not at hand. */
  readonly misread?: readonly Misread[];
}

/** An evidence as it crosses processes. */
export const evidenceSchema = z.object({
  id: z.string(),
  name: z.string(),
  runs: z.array(runRecordSchema).min(1),
  provenance: provenanceSchema,
  backend: z.object({ name: z.string(), reason: z.string() }).exactOptional(),
  note: z.string(),
  misread: z.array(misreadSchema).exactOptional(),
});

/** "7,826", or "unknown (why)". */
export function describeFact(fact: Fact<unknown>): string {
  return fact.known ? Number(fact.value).toLocaleString('en-US') : `unknown (${fact.reason})`;
}

/** "28", "28 x 32" where the axes differ, or "unknown (why)". */
export function describeField(fact: Fact<Field>): string {
  if (!fact.known) return describeFact(fact);
  const { height, width } = fact.value;
  return height === width ? String(height) : `${height} x ${width}`;
}

/** Of the two axes the smaller one, pixels: no promise hides behind the larger. */
export function smallestSide({ height, width }: Field): number {
  return Math.min(height, width);
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
