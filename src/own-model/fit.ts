import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Backend, selectBackend } from '../backend/select.ts';
import { checkDataset } from '../data/check-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { outputKindOfModel } from '../engine/stock/forward.ts';
import { GateError } from '../errors.ts';
import { issue } from '../evidence.ts';
import { checkId } from '../identity.ts';
import { buildModel } from '../model/build.ts';
import { initialWeights } from '../model/initialize.ts';
import type { Network } from '../model/layers.ts';
import { networkOf } from '../model/network-of.ts';
import { classesOf } from './classify.ts';
import { checkRecipe, type Recipe } from '../recipe/recipe.ts';
import type { Epoch, Evidence, RunRecord } from '../record.ts';
import { notesOf, outputKindOf, runModel } from '../training/run.ts';
import type { Progress } from '../training/train.ts';
import { setWeights } from '../training/weights-file.ts';

export interface FitOptions {
  /** Of the order of images, augmentation, dropout, and of the first weights where `fresh`. */
  readonly seed: number;
  /** File-name safe, the same from run to run; absent: the model's name. */
  readonly id?: string;
  /** For a person; absent: the id. */
  readonly name?: string;
  /** True: first weights are drawn by the seed. Absent: training goes on from those that the model has. */
  readonly fresh?: boolean;
  /** Absent: what GATE_BACKEND says, else the first that loads. */
  readonly backend?: Backend;
  /** Cores to use; the result is the same to the bit. Absent: 1. */
  readonly threads?: number;
  readonly progress?: Progress;
}

export interface Fitted {
  readonly epochs: readonly Epoch[];
  /** For `expect(evidence)`. */
  readonly evidence: Evidence;
}

/**
 * Trains a `tf.LayersModel` as `model.fit` does, on the native engine where that knows all its layers, and leaves the trained
 * weights in it. The model reads images [batch, height, width, channels] of the data's size and gives one value a class:
 * logits, or probabilities where it ends in a softmax. What goes the plain way instead is said in the evidence's note, with the
 * layer. Throws GateError for a recipe, data or a model that do not fit each other.
 */
export async function fit(
  model: LayersModel,
  data: Dataset,
  recipe: Recipe,
  options: FitOptions,
): Promise<Fitted> {
  checkRecipe(recipe);
  checkDataset(data);
  checkFit(model, data);
  const backend = options.backend ?? (await selectBackend({ force: process.env['GATE_BACKEND'] }));
  const { id = model.name, name = id, seed } = options;
  checkId(id, 'a model');
  if (options.fresh) setWeights(model, initialWeights(model, seed));
  const { record, misread } = await runModel(model, {
    ...options,
    ...described(model),
    id,
    name,
    recipe,
    data,
    backend,
  });
  const { testCorrect, testTotal } = record.epochs.at(-1)!;
  return {
    epochs: record.epochs,
    evidence: issue({
      id,
      name,
      runs: [record],
      provenance: 'trained',
      backend: { name: backend.name, reason: backend.reason },
      note: `trained just now: ${testCorrect} of ${testTotal} test images correct${notesOf(record)}`,
      misread,
    }),
  };
}

/** As `fit`, for a network of plain data, from first weights that the seed draws; the trained model is the caller's to dispose of. */
export async function trainNetwork(
  network: Network,
  recipe: Recipe,
  data: Dataset,
  options: Omit<FitOptions, 'fresh'>,
): Promise<Fitted & { readonly model: LayersModel }> {
  await (options.backend ?? selectBackend({ force: process.env['GATE_BACKEND'] }));
  const model = buildModel(network, options.id === undefined ? {} : { name: options.id });
  try {
    return { ...(await fit(model, data, recipe, { ...options, fresh: true })), model };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function checkFit(model: LayersModel, { name, classes, train }: Dataset): void {
  const { height, width, channels = 1 } = train;
  const [, ...reads] = model.inputs[0]!.shape;
  const fits = [height, width, channels].every((size, i) => reads[i] === null || reads[i] === size);
  if (model.inputs.length !== 1 || reads.length !== 3 || !fits) {
    throw new GateError(
      `"${model.name}" reads ${reads.map((size) => size ?? 'any').join('x')}, but the images of "${name}" are ${height}x${width}x${channels}.`,
    );
  }
  if (classesOf(model) !== classes) {
    throw new GateError(
      `"${model.name}" tells ${classesOf(model)} classes apart, but "${name}" has ${classes}.`,
    );
  }
}

function described(model: LayersModel): Pick<RunRecord, 'network' | 'output'> {
  const read = networkOf(model);
  if ('reason' in read) {
    const topology = JSON.parse(JSON.stringify(model.toJSON(undefined, false))) as Record<string, unknown>;
    return {
      network: { form: 'topology', topology },
      output: outputKindOfModel(model),
    };
  }
  const { input, layers } = read.network;
  return {
    network: { form: 'layers', input: [...input], layers: [...layers] },
    output: outputKindOf(read.network),
  };
}
