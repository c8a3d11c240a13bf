import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { pixelStatistics } from '../data/normalize.ts';
import type { Iteration } from '../iterations/define.ts';
import { dataFacts } from './data-facts.ts';
import { known, unknown } from '../fact.ts';
import { buildModel } from '../model/build.ts';
import { modelFacts } from '../model/facts.ts';
import { initialWeights } from '../model/initialize.ts';
import { type Epoch, type Misread, RECORD_SCHEMA, type RunRecord } from '../record.ts';
import { createEngine, engineIdentity } from '../engine/choose.ts';
import { graphOf, headOf } from '../model/graph.ts';
import type { Network } from '../model/layers.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { CheckpointPlace } from './checkpoint.ts';
import { deadChannelsOn } from './dead-channels.ts';
import { fingerprintOf } from './fingerprint.ts';
import { evaluatedSha256, type Keeper, keepRun } from './keep.ts';
import { misreadBy } from './misread.ts';
import { recordFile, sealed, weightsFile } from './store.ts';
import { train, type Progress } from './train.ts';
import { projectVersion } from './versions.ts';
import { setWeights, sha256OfBytes, weightsToBytes } from './weights-file.ts';

export interface RunOptions {
  readonly iteration: Iteration;
  readonly data: Dataset;
  readonly backend: Backend;
  readonly seed: number;
  readonly threads?: number;
  readonly progress?: Progress;
  /** Where the run is kept after every epoch, and goes on after an interruption; absent: neither. */
  readonly checkpoints?: CheckpointPlace;
}

export interface Run {
  readonly record: RunRecord;
  readonly weights: Uint8Array;
  /** SHA-256 of the weights that were evaluated after each epoch; the last one is that of `weights`. */
  readonly weightsAfter: readonly string[];
  /** Predicted class of every test image after the last epoch. */
  readonly predictions: ArrayLike<number>;
  /** Test images that it reads wrongly then, the surest first. */
  readonly misread: readonly Misread[];
}

/** Trains one iteration from its seeded first weights and describes the run; leaves no tensor behind. */
export async function run(options: RunOptions): Promise<Run> {
  const { iteration } = options;
  const { input, layers } = iteration.network;
  const tensorsBefore = tf.memory().numTensors;
  const model = buildModel(iteration.network, { name: iteration.id });
  let found: Run;
  try {
    setWeights(model, initialWeights(model, options.seed));
    found = await runModel(model, {
      ...options,
      ...iteration,
      network: { form: 'layers', input: [...input], layers: [...layers] },
      output: outputKindOf(iteration.network),
    });
  } finally {
    model.dispose();
  }
  const left = tf.memory().numTensors - tensorsBefore;
  if (left !== 0) throw new Error(`the run of ${iteration.id} left ${left} tensors behind`);
  return found;
}

/** What a run of a model is called and made of. */
export interface ModelRun extends Omit<RunOptions, 'iteration'>, Pick<RunRecord, 'network' | 'output'> {
  readonly id: string;
  readonly name: string;
  readonly recipe: Recipe;
}

/** Trains a model from the weights that it has, which it holds afterwards, and describes the run. */
export async function runModel(model: LayersModel, options: ModelRun): Promise<Run> {
  const { id, name, recipe, data, backend, seed, progress } = options;
  const start = performance.now();
  const statistics = pixelStatistics(recipe, data.train);
  const { note } = engineIdentity({ backend, model });
  const firstWeights = sha256OfBytes(weightsToBytes(model));
  const engine = createEngine({
    ...options,
    model,
    recipe,
    train: data.train,
    statistics,
  });
  let keeper: Keeper | undefined;
  try {
    keeper = options.checkpoints && keepRun(options.checkpoints, { engine, model, firstWeights, ...options });
    const before = keeper?.before;
    const weightsAfter = [...(before?.weightsAfter ?? [])];
    const seconds = () => (before?.seconds ?? 0) + (performance.now() - start) / 1000;
    const rows: Epoch[] = [...(before?.epochs ?? [])];
    if (before) progress?.onResume?.(before.epochs);
    const { epochs, final, diverged } = await train({
      engine,
      recipe,
      data,
      seed,
      ...(before && { done: before.epochs }),
      progress: {
        onStep: (done, total) => progress?.onStep(done, total),
        onEpoch(epoch) {
          rows.push(epoch);
          weightsAfter.push(evaluatedSha256(engine, model));
          keeper?.keep({ epochs: rows, weightsAfter, seconds: seconds() });
          progress?.onEpoch(epoch);
        },
      },
    });
    engine.writeWeights();
    const weights = weightsToBytes(model);
    const sha256 = sha256OfBytes(weights);
    const record = sealed({
      schema: RECORD_SCHEMA,
      id,
      name,
      seed,
      fingerprint: fingerprintOf({ model, recipe, dataSha256: data.sha256, engine }),
      engine: { name: engine.name, version: engine.version, ...(note !== undefined && { note }) },
      ...(diverged !== undefined && { diverged }),
      backend: { name: backend.name, version: backend.version, reason: backend.reason },
      versions: { node: process.versions.node, tfjs: tf.version_core, project: projectVersion },
      data: dataFacts(data),
      network: options.network,
      output: options.output,
      model: modelFacts(model),
      recipe: { ...recipe },
      epochs: [...epochs],
      confusion: confusionMatrix(data, final.predictions),
      // What a ReLU makes of NaN depends on its sign, which is lost on the way through a file.
      deadChannels:
        diverged === undefined
          ? known(deadChannelsOn(model, data.test, statistics))
          : unknown('the run diverged'),
      seconds: seconds(),
      threads: engine.threads,
      weights: {
        file: weightsFile(recordFile(id, seed, backend.name), sha256),
        bytes: weights.length,
        sha256,
      },
    });
    const { predictions } = final;
    const misread = misreadBy(model, { images: data.test, predictions, statistics, output: options.output });
    return { record, weights, weightsAfter, predictions, misread };
  } finally {
    keeper?.release();
    engine.dispose();
  }
}

/** What the values of a network's output mean. */
export function outputKindOf(network: Network): RunRecord['output'] {
  return headOf(graphOf(network)).output;
}

/** What a person should know of how a run was computed and how it ended; empty: nothing. */
export function notesOf({ engine, diverged }: Pick<RunRecord, 'engine' | 'diverged'>): string {
  return [engine.note, diverged].flatMap((note) => (note === undefined ? [] : [`; ${note}`])).join('');
}

/** [true class][predicted class], counts of test images. */
export function confusionMatrix({ test, classes }: Dataset, predictions: ArrayLike<number>): number[][] {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  Array.from(predictions).forEach((predicted, i) => {
    const row = matrix[test.labels[i]!]!;
    row[predicted] = row[predicted]! + 1;
  });
  return matrix;
}
