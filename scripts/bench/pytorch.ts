import { fileURLToPath } from 'node:url';
import { type Graph, graphOf, outputShape } from '../../src/model/graph.ts';
import type { Network } from '../../src/model/layers.ts';
import { decayOf } from '../../src/recipe/optimizer.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { learningRateAt } from '../../src/recipe/schedule.ts';
import type { Start } from './contestant-process.ts';

export interface PytorchOptions {
  readonly network: Network;
  readonly recipe: Recipe;
  readonly threads: number;
  readonly python: string;
  /** Steps before any is measured. */
  readonly warmup: number;
}

/** What pytorch_step.py's Network builds its modules from. */
export function pytorchNodes({ nodes }: Graph) {
  return nodes.map(({ op, layer, name, inputs, inputShapes, shape }) => ({
    ...layer,
    type: op.type,
    name,
    inputs,
    inputShapes,
    shape,
    reach: op.reach?.(layer, inputShapes),
  }));
}

/** PyTorch as a contestant. Everything about the step goes along, so that the script has no figures of its own. */
export function pytorchStart({ network, recipe, threads, python, warmup }: PytorchOptions): Start {
  const graph = graphOf(network);
  const plan = {
    input: network.input,
    nodes: pytorchNodes(graph),
    classes: outputShape(graph).at(-1),
    batch: recipe.batch,
    momentum: recipe.momentum ?? 0,
    weightDecay: decayOf(recipe, 'kernel'),
    labelSmoothing: recipe.labelSmoothing ?? 0,
    learningRate: learningRateAt(recipe.schedule, 0),
    threads,
    warmup,
  };
  const file = fileURLToPath(new URL('pytorch_step.py', import.meta.url));
  return { command: python, args: [file, JSON.stringify(plan)], env: { OMP_NUM_THREADS: `${threads}` } };
}
