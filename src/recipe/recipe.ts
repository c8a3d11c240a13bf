import { z } from 'zod';
import { check } from '../check.ts';
import { augmentationSchema } from './augmentation.ts';
import { gradientClippingSchema, optimizerSchema, weightDecaySchema } from './optimizer.ts';
import { scheduleSchema, warmUpSchema } from './schedule.ts';

export type { Augmentation } from './augmentation.ts';
export type { Schedule } from './schedule.ts';

const perChannel = z.array(z.number()).min(1).readonly();

/** Everything about a training run but the network, the data and the seed. Plain data: it is fingerprinted. */
const schema = z
  .strictObject({
    epochs: z.number().int().positive(),
    /** Images a step. */
    batch: z.number().int().positive(),
    schedule: scheduleSchema,
    warmUp: warmUpSchema.exactOptional(),
    /** Absent: SGD with `momentum`. */
    optimizer: optimizerSchema.exactOptional(),
    /** Short for the optimizer SGD with this momentum. */
    momentum: z.number().min(0).lt(1).exactOptional(),
    /** Added to the gradient of a weight: g + weightDecay x w. */
    weightDecay: weightDecaySchema.exactOptional(),
    gradientClipping: gradientClippingSchema.exactOptional(),
    /** This share of a label is spread over all classes. */
    labelSmoothing: z.number().min(0).lt(1).exactOptional(),
    augmentation: augmentationSchema.exactOptional(),
    /**
     * Of pixels on the scale 0 to 1, one value a channel: (pixel - mean) / std. Absent: what the data say of themselves, else
     * mean and deviation of the training images.
     */
    normalization: z
      .strictObject({ mean: perChannel, std: z.array(z.number().positive()).min(1).readonly() })
      .readonly()
      .refine(({ mean, std }) => mean.length === std.length, 'as many values of mean as of std')
      .exactOptional(),
    /** Exponential moving average of the weights per step, decay min(`decay`, (1 + t) / (10 + t)); absent: none. */
    weightAveraging: z
      .strictObject({ decay: z.number().min(0).lt(1) })
      .readonly()
      .exactOptional(),
    /** This many training images, drawn by the seed, are not trained on: the loss on them is the validation loss. */
    validation: z.strictObject({ images: z.number().int().positive() }).readonly().exactOptional(),
  })
  .readonly();

const recipeSchema = schema
  .refine(({ optimizer, momentum }) => optimizer === undefined || momentum === undefined, {
    message: 'either the optimizer or short for SGD the momentum',
    path: ['momentum'],
  })
  .refine(({ schedule, validation }) => schedule.type !== 'plateau' || validation !== undefined, {
    message: "validation images for the schedule 'plateau', such as { images: 5000 }",
    path: ['validation'],
  });
export type Recipe = z.infer<typeof schema>;

/** The recipe, or a GateError that says what is wrong with it. */
export function checkRecipe(recipe: unknown, what = 'The recipe'): Recipe {
  return check(recipeSchema, recipe, what);
}
