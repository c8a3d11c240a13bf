import { checkId } from '../identity.ts';
import { graphOf } from '../model/graph.ts';
import type { Network } from '../model/layers.ts';
import { checkRecipe, type Recipe } from '../recipe/recipe.ts';

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

/** The iteration as it is. Throws GateError where its id is no file name, or its network or recipe cannot be. */
export function defineIteration(iteration: Iteration): Iteration {
  const { id, network, recipe } = iteration;
  checkId(id, 'an iteration');
  graphOf(network);
  checkRecipe(recipe, `The recipe of "${id}"`);
  return iteration;
}
