import { z } from 'zod';
import { figureSchema } from '../figure.ts';

/**
 * A study: the runs of one iteration over several seeds, in one compact file. What all runs share (network, recipe,
 * facts of the model) is in the full record of one of them, which lies beside it and has the same fingerprint.
 */

const hex256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');
const count = z.number().int().nonnegative();

/** Raised when a field changes or goes. */
export const STUDY_SCHEMA = 1;

/** One run. A list has one entry an epoch unless it says otherwise. */
export const studyRunSchema = z.strictObject({
  seed: count,
  trainCorrect: z.array(count).min(1),
  trainLoss: z.array(figureSchema).min(1),
  testCorrect: z.array(count).min(1),
  testLoss: z.array(figureSchema).min(1),
  /** Of the images that the recipe sets apart, if it does. */
  validation: z
    .strictObject({
      total: z.number().int().positive(),
      correct: z.array(count).min(1),
      loss: z.array(figureSchema).min(1),
    })
    .exactOptional(),
  seconds: z.array(z.number().nonnegative()).min(1),
  /** SHA-256 of the weights that were evaluated after each epoch; the last one is the trained network. */
  weights: z.array(hex256).min(1),
  /** Test images that the trained network reads wrong: [index, true class, predicted class], by index. */
  mistakes: z.array(z.tuple([count, count, count])),
  /** Channels of the trained network that are constant over the first test images; "relu3[4]". */
  dead: z.array(z.string()),
});
export type StudyRun = z.infer<typeof studyRunSchema>;

export const studySchema = z.strictObject({
  schema: z.literal(STUDY_SCHEMA),
  id: z.string().min(1),
  name: z.string(),
  /** Of every run in it: network, recipe, data and arithmetic. */
  fingerprint: hex256,
  engine: z.strictObject({ name: z.string(), version: z.string() }),
  backend: z.strictObject({ name: z.string(), version: z.string() }),
  data: z.strictObject({ name: z.string(), sha256: hex256, train: count, test: count, classes: count }),
  /** By seed. */
  runs: z.array(studyRunSchema).min(1),
  /** SHA-256 of everything above (JSON with sorted keys): shows a figure changed by hand. */
  seal: hex256,
});
export type Study = z.infer<typeof studySchema>;
