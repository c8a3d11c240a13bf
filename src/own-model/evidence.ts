import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import { countRepeated } from '../data/repeated.ts';
import { combinedSha256, sha256Of } from '../data/sha256.ts';
import { GateError } from '../errors.ts';
import { issue } from '../evidence.ts';
import { known } from '../fact.ts';
import { checkId } from '../identity.ts';
import { modelFacts } from '../model/facts.ts';
import { type Epoch, type Evidence, type OutputKind, RECORD_SCHEMA, type RunRecord } from '../record.ts';
import { deadChannelsOf } from '../training/dead-channels.ts';
import { fingerprintOf } from '../training/fingerprint.ts';
import { recordFile, sealed, weightsFile } from '../training/store.ts';
import { projectVersion } from '../training/versions.ts';
import { sha256OfBytes, weightsToBytes } from '../training/weights-file.ts';
import { classesOf, classify, type LabelledTensor } from './classify.ts';
import type { LabelledData } from './epoch-recorder.ts';

/** A classifier that was just trained, and what its gate needs to know of how. */
export interface TrainedModel {
  /** File-name safe, the same from run to run: "1-moons". */
  readonly id: string;
  readonly name: string;
  readonly model: LayersModel;
  readonly data: LabelledData;
  /** What the model's values mean, as for `recordEpochs`. */
  readonly output: OutputKind;
  /** From `recordEpochs`, or counted by a training loop of one's own; at least one. */
  readonly epochs: readonly Epoch[];
  readonly backend: Backend;
  /** Of everything random in the run. */
  readonly seed: number;
  /** Epochs, optimizer, batch ...: shown, and compared from run to run. */
  readonly recipe?: Readonly<Record<string, unknown>>;
}

/** Inputs over which dead channels are looked for. */
const PROBED_INPUTS = 500;

/**
 * Evidence of a model of one's own, for `expect(evidence)`: one run or one a seed. What the model costs, its confusion
 * matrix and its dead channels are measured here, from the model and the test data; the tensors stay the caller's. Throws
 * GateError where there is nothing to judge: no run, no epochs, several ids, or a model that is no classifier.
 */
export function evidenceOf(...runs: readonly [TrainedModel, ...TrainedModel[]]): Evidence {
  const [first] = runs;
  const ids = new Set(runs.map(({ id }) => id));
  if (first === undefined || ids.size > 1) {
    throw new GateError(`An evidence is made of runs of one model; found ${[...ids].join(', ') || 'none'}.`);
  }
  checkId(first.id, 'a model');
  const records = runs.map(recordOf);
  const tests = records.map((run) => `${run.epochs.at(-1)!.testCorrect} of ${run.data.test}`);
  return issue({
    id: first.id,
    name: first.name,
    runs: records,
    provenance: 'trained',
    note: `trained just now: ${tests.join(', ')} test inputs right`,
  });
}

function recordOf(run: TrainedModel): RunRecord {
  const { id, name, model, data, output, epochs, backend, seed, recipe = {} } = run;
  const last = epochs.at(-1);
  if (last === undefined) {
    throw new GateError(
      `${id} has no epochs: give model.fit the callback of recordEpochs(model, data, output), and its epochs to evidenceOf.`,
    );
  }
  const classes = classesOf(model);
  const { correct, predictions } = classify(model, data.test, output);
  if (correct !== last.testCorrect) {
    throw new GateError(
      `${id}: ${correct} test inputs are right now, ${last.testCorrect} after its last epoch: the model or the data changed since. Make the evidence right after training.`,
    );
  }
  const weights = weightsToBytes(model);
  const weightsSha256 = sha256OfBytes(weights);
  const engine = { name: 'tfjs', version: tf.version_core };
  const sha256 = dataSha256(data);
  return sealed({
    schema: RECORD_SCHEMA,
    id,
    name,
    seed,
    fingerprint: fingerprintOf({ model, recipe, dataSha256: sha256, engine }),
    engine,
    backend: { name: backend.name, version: backend.version, reason: backend.reason },
    versions: { node: process.versions.node, tfjs: tf.version_core, project: projectVersion },
    data: {
      name: data.name,
      sha256,
      train: last.trainTotal,
      test: last.testTotal,
      classes,
      repeated: countRepeated(rowsOf(data.train), rowsOf(data.test)),
    },
    network: { form: 'topology', topology: topologyOf(model) },
    output,
    model: modelFacts(model),
    recipe: { ...recipe },
    epochs: [...epochs],
    confusion: confusionOf(data.test.labels, predictions, classes),
    deadChannels: known(probe(model, data.test.x)),
    seconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
    threads: 1,
    weights: {
      file: weightsFile(recordFile(id, seed, backend.name), weightsSha256),
      bytes: weights.length,
      sha256: weightsSha256,
    },
  });
}

function confusionOf(labels: ArrayLike<number>, predictions: Int32Array, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  predictions.forEach((predicted, i) => {
    const row = matrix[labels[i]!];
    if (row === undefined) {
      throw new GateError(
        `Label ${labels[i]} of test input ${i} is not a class: expected 0 to ${classes - 1}.`,
      );
    }
    row[predicted] = row[predicted]! + 1;
  });
  return matrix;
}

function probe(model: LayersModel, x: tf.Tensor): ReturnType<typeof deadChannelsOf> {
  const few = tf.slice(x, 0, Math.min(PROBED_INPUTS, x.shape[0]!));
  try {
    return deadChannelsOf(model, few);
  } finally {
    few.dispose();
  }
}

/** As plain tfjs saves it, without the weights. */
function topologyOf(model: LayersModel): Record<string, unknown> {
  return JSON.parse(JSON.stringify(model.toJSON(undefined, false))) as Record<string, unknown>;
}

/** The bytes of each input. */
function* rowsOf({ x }: LabelledTensor): Generator<Uint8Array> {
  const values = x.dataSync();
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const size = bytes.length / x.shape[0]!;
  for (let i = 0; i < x.shape[0]!; i++) yield bytes.subarray(i * size, (i + 1) * size);
}

function dataSha256({ train, test }: LabelledData): string {
  const sets: readonly LabelledTensor[] = [train, test];
  return combinedSha256(
    sets.flatMap(({ x, labels }) => [hashOf(x.dataSync()), hashOf(Int32Array.from(labels))]),
  );
}

function hashOf(values: Float32Array | Int32Array | Uint8Array): string {
  return sha256Of(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
