import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import { pixelStatistics } from '../data/normalize.ts';
import { dataFacts } from '../training/data-facts.ts';
import type { Dataset } from '../data/dataset.ts';
import { createEngine, engineIdentity } from '../engine/choose.ts';
import { outputKindOfModel } from '../engine/stock/forward.ts';
import { GateError } from '../errors.ts';
import { known } from '../fact.ts';
import { buildModel } from '../model/build.ts';
import { modelFacts } from '../model/facts.ts';
import { classify } from '../own-model/classify.ts';
import { evidenceOf } from '../own-model/evidence.ts';
import type { LabelledData } from '../own-model/epoch-recorder.ts';
import type { RunRecord } from '../record.ts';
import { deadChannelsOn } from '../training/dead-channels.ts';
import { fingerprintOf } from '../training/fingerprint.ts';
import { confusionMatrix, outputKindOf } from '../training/run.ts';
import { setWeightsFromBytes } from '../training/weights-file.ts';
import { isImages, type JudgeData } from './data.ts';

/** The figures of a record that follow from its network, its weights and the judge's data. */
export type Measured = Pick<
  RunRecord,
  'fingerprint' | 'data' | 'model' | 'output' | 'confusion' | 'deadChannels'
> & {
  readonly testCorrect: number;
  readonly testLoss: number;
  /** True where the same arithmetic measured as trained: every figure is the same to the bit. */
  readonly exact: boolean;
  /** What computes here, where the record is of the same backend and another engine or version. */
  readonly otherEngine?: string;
};

export interface MeasureMeans {
  readonly data: JudgeData;
  readonly backend: Backend;
}

/** Builds the network of a record from its plain data, gives it `weights`, and measures. Throws GateError where that cannot be done. */
export async function measure(
  record: RunRecord,
  weights: Uint8Array,
  { data, backend }: MeasureMeans,
): Promise<Measured> {
  const model = await modelOf(record);
  try {
    setWeightsFromBytes(model, weights, record.weights.file);
    if (record.network.form === 'layers' && isImages(data)) return onImages(record, model, data, backend);
    if (record.network.form === 'topology' && !isImages(data)) return onTensors(record, model, data, backend);
    throw new GateError(
      `${record.id}: its network is given as ${record.network.form}, and the judge's data "${data.name}" are ${isImages(data) ? 'images in bytes' : 'tensors'}: it cannot be measured.`,
    );
  } finally {
    model.dispose();
  }
}

/** Throws GateError where the description is none of a network. */
async function modelOf({ id, network }: RunRecord): Promise<LayersModel> {
  if (network.form === 'topology')
    return loadLayersModel({ load: async () => ({ modelTopology: network.topology }) });
  const { form: _, ...plain } = network;
  // Checked as it is built, layer by layer.
  return buildModel(plain as unknown as Parameters<typeof buildModel>[0], { name: id });
}

function onImages(record: RunRecord, model: LayersModel, data: Dataset, backend: Backend): Measured {
  const recipe = record.recipe as unknown as Parameters<typeof createEngine>[0]['recipe'];
  // The file holds the averaged weights where the recipe averages: they are evaluated as they are.
  const { weightAveraging: _, ...plain } = recipe;
  const identity = engineIdentity({ backend, model });
  const statistics = pixelStatistics(recipe, data.train);
  const engine = createEngine({ backend, model, recipe: plain, seed: record.seed, statistics });
  try {
    const { correct, loss, predictions } = engine.evaluate(data.test);
    return {
      fingerprint: fingerprintOf({ model, recipe, dataSha256: data.sha256, engine: record.engine }),
      data: dataFacts(data),
      model: modelFacts(model),
      output: outputOf(record, model),
      confusion: confusionMatrix(data, predictions),
      deadChannels: known(deadChannelsOn(model, data.test, statistics)),
      testCorrect: correct,
      testLoss: loss / data.test.count,
      ...likeness(record, backend, identity),
    };
  } finally {
    engine.dispose();
  }
}

function outputOf({ network }: RunRecord, model: LayersModel): Measured['output'] {
  if (network.form === 'topology') return outputKindOfModel(model);
  const { form: _, ...plain } = network;
  return outputKindOf(plain as unknown as Parameters<typeof outputKindOf>[0]);
}

function onTensors(record: RunRecord, model: LayersModel, data: LabelledData, backend: Backend): Measured {
  const { correct: testCorrect, loss: testLoss } = classify(model, data.test, record.output);
  const last = { ...record.epochs.at(-1)!, testCorrect };
  const epochs = [...record.epochs.slice(0, -1), last];
  const { id, name, seed, recipe, output } = record;
  const found = evidenceOf({ id, name, seed, recipe, model, data, output, epochs, backend }).runs[0]!;
  return {
    fingerprint: fingerprintOf({ model, recipe, dataSha256: found.data.sha256, engine: record.engine }),
    data: found.data,
    model: found.model,
    output: found.output,
    confusion: found.confusion,
    deadChannels: found.deadChannels,
    testCorrect,
    testLoss,
    ...likeness(record, backend, found.engine),
  };
}

/** Whether the arithmetic that measures is the one that trained. */
function likeness(
  record: RunRecord,
  backend: Backend,
  engine: { readonly name: string; readonly version: string },
): Pick<Measured, 'exact' | 'otherEngine'> {
  if (record.backend.name !== backend.name) return { exact: false };
  const { name, version } = record.engine;
  if (name === engine.name && version === engine.version) return { exact: true };
  return { exact: false, otherEngine: `${engine.name} ${engine.version}` };
}
