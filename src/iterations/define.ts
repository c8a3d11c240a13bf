import type { Network } from '../model/layers.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** One iteration of the ladder: a network, how it is trained, and what it adds to the one before. */
export interface Iteration {
  /** File-name safe, starts with its number: "5-lr-scheduler". */
  readonly id: string;
  readonly name: string;
  /** The one concept that this iteration adds. */
  readonly concept: string;
  /** Why, in a sentence or two. */
  readonly why: string;
  readonly network: Network;
  readonly recipe: Recipe;
}

/** Gives plain data its type and nothing else. */
export function defineIteration(iteration: Iteration): Iteration {
  return iteration;
}
