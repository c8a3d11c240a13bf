import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Backend } from '../../src/backend/select.ts';
import { type ImageSet, imageSize } from '../../src/data/dataset.ts';
import { normalization, statisticsOf } from '../../src/data/normalize.ts';
import { pixelsOf } from '../../src/elsewhere/pixels.ts';
import { createEngine } from '../../src/engine/choose.ts';
import { GateError } from '../../src/errors.ts';
import { stateDictOf } from '../../src/exchange/state-dict.ts';
import { safetensorsOf } from '../../src/formats/safetensors.ts';
import { buildModel } from '../../src/model/build.ts';
import { graphOf } from '../../src/model/graph.ts';
import { initialWeights } from '../../src/model/initialize.ts';
import type { Network } from '../../src/model/layers.ts';
import { weightsOf } from '../../src/onnx/ours.ts';
import { decayOf } from '../../src/recipe/optimizer.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { learningRateAt } from '../../src/recipe/schedule.ts';
import { setWeights } from '../../src/training/weights-file.ts';
import { pytorchNodes } from '../bench/pytorch.ts';

export const STEPS = 20;
const SEED = 1;

export interface Compared {
  readonly about: string;
  /** Mean cross-entropy of each step, before it. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** PyTorch's in 64 bits: what rounding alone does to its losses of 32 bits. */
  readonly exact: readonly number[];
}

const answerSchema = z.union([
  z.object({
    about: z.string(),
    single: z.array(z.number()).length(STEPS),
    double: z.array(z.number()).length(STEPS),
  }),
  z.object({ absent: z.string() }),
]);

/**
 * The first steps of a network by this project's engine and by PyTorch: the same first weights, images in the same order, and
 * recipe; no dropout, no augmentation. Throws GateError where Python has no PyTorch.
 */
export async function compareSteps(
  given: Network,
  recipe: Recipe,
  images: ImageSet,
  { backend, python }: { readonly backend: Backend; readonly python: string },
): Promise<Compared> {
  const network = withoutDropout(given);
  const { batch } = recipe;
  const rates = Array.from({ length: STEPS }, () => learningRateAt(recipe.schedule, 0));
  const statistics = statisticsOf(images);
  const plain: Recipe = {
    epochs: 1,
    batch,
    schedule: recipe.schedule,
    ...(recipe.momentum !== undefined && { momentum: recipe.momentum }),
    ...(recipe.weightDecay !== undefined && { weightDecay: recipe.weightDecay }),
  };
  const graph = graphOf(network);
  const model = buildModel(network);
  setWeights(model, initialWeights(model, SEED));
  const state = stateDictOf(graph, weightsOf(model, graph));
  const engine = createEngine({ backend, model, recipe: plain, seed: SEED, train: images, statistics });
  if (engine.name !== 'wasm')
    throw new GateError(`The engine does not compile this network (${engine.name}).`);
  const ours: number[] = [];
  try {
    await engine.ready;
    for (const [step, learningRate] of rates.entries()) {
      const indices = Uint32Array.from({ length: batch }, (_, i) => step * batch + i);
      ours.push(engine.step({ images: indices, epoch: 0, step, learningRate }).loss / batch);
    }
  } finally {
    engine.dispose();
    model.dispose();
  }
  const count = STEPS * batch;
  const { height, width, channels = 1 } = images;
  const pixels = pixelsOf(images, 0, count, normalization(statistics), 'first');
  if (pixels.length !== count * imageSize(images)) throw new Error('images are missing');
  const arrays = new Map([
    ...state,
    ['images', { dims: [count, channels, height, width], values: pixels }] as const,
    ['labels', { dims: [count], values: Float32Array.from(images.labels.subarray(0, count)) }] as const,
  ]);
  const plan = {
    nodes: pytorchNodes(graph),
    batch,
    rates,
    momentum: recipe.momentum ?? 0,
    decays: Object.fromEntries([...state.keys()].map((name) => [name, decayOf(plain, kindOf(name))])),
  };
  const { about, single, double } = answer(python, plan, arrays);
  return { about, ours, theirs: single, exact: double };
}

function answer(python: string, plan: object, arrays: Parameters<typeof safetensorsOf>[0]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'pytorch-'));
  try {
    const [planFile, arraysFile] = ['plan.json', 'arrays.safetensors'].map((name) => path.join(folder, name));
    writeFileSync(planFile!, JSON.stringify(plan));
    writeFileSync(arraysFile!, safetensorsOf(arrays));
    const script = fileURLToPath(new URL('losses.py', import.meta.url));
    const said = execFileSync(python, [script, planFile!, arraysFile!], { encoding: 'utf8' });
    const found = answerSchema.parse(JSON.parse(said.trim().split('\n').at(-1)!));
    if ('absent' in found)
      throw new GateError(`${python}: ${found.absent}. Name one that has it: --python PATH.`);
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Weight decay knows "kernel", "gamma", "beta", "bias": factors and summands of a norm have PyTorch's names of the other two. */
function kindOf(name: string): string {
  return name.endsWith('.bias') ? 'bias' : 'kernel';
}

function withoutDropout({ input, layers }: Network): Network {
  return {
    input,
    layers: layers.map((layer) =>
      layer.type === 'dropout' || layer.type === 'spatialDropout' ? { ...layer, rate: 0 } : layer,
    ),
  };
}

/** How far two lists of losses are apart at most, relative to the second. */
export function furthest(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!) / b[i]!));
}
