import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type Backend, selectBackend } from '../backend/select.ts';
import { checkDataset } from '../data/check-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import type { PixelStatistics } from '../data/normalize.ts';
import { dataFacts } from '../training/data-facts.ts';
import { sha256Of } from '../data/sha256.ts';
import { GateError } from '../errors.ts';
import { issue } from '../evidence.ts';
import { known } from '../fact.ts';
import type { Columns, Curve } from '../logs/curve.ts';
import { readCurve } from '../logs/read.ts';
import { headOf } from '../model/graph.ts';
import { factsOfOnnx } from '../onnx/facts.ts';
import { readOnnxFile } from '../onnx/file.ts';
import { foldedLayers } from '../onnx/folded.ts';
import { networkOfOnnx } from '../onnx/network.ts';
import { type ReadOnnx, readOnnx } from '../onnx/read.ts';
import { openSession, type Runtime, type RuntimeName } from '../onnx/session.ts';
import { type Epoch, type Evidence, type OutputKind, RECORD_SCHEMA, type RunRecord } from '../record.ts';
import { sha256OfJson } from '../training/fingerprint.ts';
import { confusionMatrix } from '../training/run.ts';
import { sealed } from '../training/store.ts';
import { projectVersion } from '../training/versions.ts';
import { agreeOnOurs } from './agreement.ts';
import { checkAgainstLog, type Tolerance } from './against-log.ts';
import { deadChannelsOfOnnx } from './dead-channels.ts';
import { measure, type Measuring } from './measure.ts';

/** A network that was trained elsewhere: several files of one network are runs of several seeds. */
export interface OnnxOptions {
  /** File-name safe, the same from run to run: "6-pytorch". Absent: the file's name. */
  readonly id?: string;
  readonly name?: string;
  /** The network as ONNX. */
  readonly model: string | readonly string[];
  /** What the training wrote of its epochs (`readCurve`); as many as there are models. */
  readonly log: string | readonly string[];
  /** Absent: 1, 2, ... in the order of the models. */
  readonly seeds?: readonly number[];
  readonly data: Dataset;
  /** What the training made of pixels from 0 to 1, a value a channel: (pixel - mean) / std. */
  readonly normalization: PixelStatistics;
  /** Columns of the log that are called otherwise than usual. */
  readonly columns?: Columns;
  /** How far what is measured now may be from the log's last epoch. */
  readonly tolerance?: Tolerance;
  /** What is known of how it was trained: shown, and part of the fingerprint. */
  readonly recipe?: Readonly<Record<string, unknown>>;
  /** Absent: the native build where it is installed, else WebAssembly. */
  readonly runtime?: RuntimeName;
  /** Absent: what the last operator says. */
  readonly output?: OutputKind;
  /** On which the network is run as plain data. Absent: what GATE_BACKEND says, else the first that loads. */
  readonly backend?: Backend;
}

const perChannel = z.array(z.number()).min(1);
const normalizationSchema = z
  .strictObject({ mean: perChannel, std: perChannel })
  .refine(({ mean, std }) => mean.length === std.length && !std.includes(0));

/**
 * Evidence of networks that were trained elsewhere, for `expect(evidence)`. The end is measured now: the ONNX file is run over
 * all test images, and its count and loss must be those of its log's last epoch; where every operator is one of this project's
 * layers, it is run on this project's engine, too, and must answer the same. The curve is the log's word: rows on it say
 * "recorded". Throws GateError where file, log and data do not fit each other.
 */
export async function evidenceOfOnnx(options: OnnxOptions): Promise<Evidence> {
  const models = [options.model].flat();
  const logs = [options.log].flat();
  const seeds = options.seeds ?? models.map((_, i) => i + 1);
  if (models.length === 0 || models.length !== logs.length || models.length !== seeds.length) {
    throw new GateError(
      `Expected one log and one seed for each model: found ${models.length} models, ${logs.length} logs and ${seeds.length} seeds.`,
    );
  }
  checkDataset(options.data);
  const backend = options.backend ?? (await selectBackend({ force: process.env['GATE_BACKEND'] }));
  const runs: RunRecord[] = [];
  const notes: string[] = [];
  for (const [i, model] of models.entries()) {
    const { record, note } = await runOf(model, logs[i]!, seeds[i]!, options, backend);
    runs.push(record);
    notes.push(models.length === 1 ? note : `seed ${seeds[i]}: ${note}`);
  }
  const [{ id, name, backend: measuredOn }] = runs as [RunRecord];
  return issue({
    id,
    name,
    runs,
    provenance: 're-evaluated',
    backend: { name: measuredOn.name, reason: measuredOn.reason },
    note: notes.join('; '),
  });
}

async function runOf(
  model: string,
  log: string,
  seed: number,
  options: OnnxOptions,
  backend: Backend,
): Promise<{ readonly record: RunRecord; readonly note: string }> {
  const start = performance.now();
  const { data } = options;
  const { height, width, channels = 1 } = data.test;
  const statistics = normalizationFor(options.normalization, channels);
  const curve = readCurve(log, options.columns);
  const file = readOnnxFile(model);
  const read = readOnnx(file, [height, width, channels]);
  const network = networkOfOnnx(read);
  const folded = foldedLayers(read);
  const output = options.output ?? outputOf(read, network);
  const session = await openSession(file, {
    ...(options.runtime && { runtime: options.runtime }),
    images: { size: read.input, layout: read.layout },
  });
  const measuring: Measuring = {
    file,
    session,
    layout: read.layout,
    output,
    classes: data.classes,
    statistics,
  };
  try {
    const measured = await measure(measuring, data.test);
    await checkAgainstLog({ measuring, measured, data, curve, log, tolerance: options.tolerance ?? {} });
    const ours =
      'reason' in network
        ? `not run on this project's engine: ${network.reason}`
        : await agreeOnOurs(network, { file: model, measured, test: data.test, statistics, backend });
    const { runtime } = session;
    const epochs = epochsOf(curve, data);
    const last = epochs.at(-1)!;
    const record = sealed({
      ...identityOf(options, model),
      schema: RECORD_SCHEMA,
      seed,
      fingerprint: fingerprintOf(read, options, runtime),
      engine: { name: runtime.name, version: runtime.version },
      backend: { name: runtime.name, version: runtime.version, reason: runtime.reason },
      versions: { node: process.versions.node, tfjs: tf.version_core, project: projectVersion },
      data: dataFacts(data),
      network: describedAs(read, network, file.producer),
      output,
      model: factsOfOnnx(read, folded),
      recipe: { ...options.recipe, log: curve.format, normalization: statistics },
      // The end is what was measured just now.
      epochs: [...epochs.slice(0, -1), { ...last, testCorrect: measured.correct, testLoss: measured.loss }],
      confusion: confusionMatrix(data, measured.predictions),
      deadChannels: known(await deadChannelsOfOnnx(file, read, data, statistics, runtime.name)),
      seconds: (performance.now() - start) / 1000,
      threads: 1,
      weights: { file: path.basename(model), bytes: file.bytes.length, sha256: sha256Of(file.bytes) },
    });
    const norm = folded.length > 0 ? `; a batch norm is folded into ${folded.join(', ')}` : '';
    return {
      record,
      note: `${path.basename(model)} of ${file.producer}: ${measured.correct} of ${data.test.count} test images right, measured now by ${runtime.name} ${runtime.version} (${runtime.reason}); ${ours}; curve as ${path.basename(log)} (${curve.format}) tells it${norm}`,
    };
  } finally {
    await session.release();
  }
}

function normalizationFor(normalization: PixelStatistics, channels: number): PixelStatistics {
  const parsed = normalizationSchema.safeParse(normalization);
  if (parsed.success && parsed.data.mean.length === channels) return parsed.data;
  throw new GateError(
    `normalization: expected what the training made of pixels from 0 to 1, { mean, std } with ${channels} numbers each, found ${JSON.stringify(normalization)}. Pixels as they are from 0 to 1: { mean: [0], std: [1] }.`,
  );
}

function identityOf({ id, name }: OnnxOptions, model: string): Pick<RunRecord, 'id' | 'name'> {
  const own = id ?? path.basename(model, '.onnx');
  return { id: own, name: name ?? own };
}

function outputOf(read: ReadOnnx, network: ReturnType<typeof networkOfOnnx>): OutputKind {
  if (!('reason' in network)) return headOf(network.graph).output;
  const last = read.drafts.at(-1)!.node.operator;
  if (last === 'Softmax') return 'probabilities';
  return last === 'LogSoftmax' ? 'log-probabilities' : 'logits';
}

/** Of what the figures follow from, but for weights and seed: equal for runs of one network. */
function fingerprintOf(
  read: ReadOnnx,
  { data, recipe, normalization }: OnnxOptions,
  { name, version }: Runtime,
): string {
  const layers = read.drafts.map(({ from, said, shape }) => ({
    from,
    shape,
    ...('type' in said ? { type: said.type, settings: said.settings } : { foreign: said.foreign }),
  }));
  return sha256OfJson({ layers, recipe, normalization, data: data.sha256, engine: { name, version } });
}

function describedAs(
  read: ReadOnnx,
  network: ReturnType<typeof networkOfOnnx>,
  producer: string,
): RunRecord['network'] {
  if (!('reason' in network)) {
    const { input, layers } = network.network;
    return { form: 'layers', input: [...input], layers: [...layers] };
  }
  const operators = read.drafts.map(({ node }) => node.operator);
  return { form: 'topology', topology: { format: 'onnx', producer, operators } };
}

function epochsOf(curve: Curve, { train, test }: Dataset): Epoch[] {
  return curve.epochs.map((epoch) => ({
    epoch: epoch.epoch,
    learningRate: epoch.learningRate,
    trainCorrect: Math.round(epoch.trainAccuracy * train.count),
    trainTotal: train.count,
    trainLoss: epoch.trainLoss,
    testCorrect: Math.round(epoch.testAccuracy * test.count),
    testTotal: test.count,
    testLoss: epoch.testLoss,
    seconds: 0,
  }));
}
