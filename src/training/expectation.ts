import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Dataset } from '../data/dataset.ts';
import { repeatedInputs } from '../data/repeated.ts';
import type { Iteration } from '../iterations/define.ts';
import { modelFacts } from '../model/facts.ts';
import { learningRate } from '../recipe/schedule.ts';
import type { RunRecord } from '../record.ts';
import type { ExpectedData, RecordExpectation } from './audit.ts';
import { fingerprintOf } from './fingerprint.ts';

export interface ExpectationSource {
  readonly iteration: Iteration;
  /** Built from the iteration's network. */
  readonly model: LayersModel;
  readonly engine: RunRecord['engine'];
  readonly dataSha256: string;
  /** Absent: not at hand. */
  readonly data?: Dataset | undefined;
}

/** What a record of an iteration should say. `record`: for the validation losses that a schedule may follow. */
export function expectationOf(record: RunRecord, source: ExpectationSource): RecordExpectation {
  const { iteration, model, engine, dataSha256, data } = source;
  const { recipe, network } = iteration;
  const { name, version } = engine;
  return {
    id: iteration.id,
    name: iteration.name,
    network: { form: 'layers', input: [...network.input], layers: [...network.layers] },
    recipe,
    engine: { name, version },
    fingerprint: fingerprintOf({ model, recipe, dataSha256, engine }),
    model: modelFacts(model),
    epochs: recipe.epochs,
    learningRates: ratesOf(record, iteration.recipe, record.data.train),
    ...(data ? { data: dataOf(data, recipe.validation?.images ?? 0) } : {}),
  };
}

/** Learning rate of the last step of each epoch, as `train` has it. */
function ratesOf({ epochs }: RunRecord, recipe: Iteration['recipe'], train: number): number[] {
  const steps = Math.ceil((train - (recipe.validation?.images ?? 0)) / recipe.batch);
  return epochs.map((_, i) => {
    const losses = epochs.slice(0, i).flatMap(({ validationLoss }) => validationLoss ?? []);
    return learningRate(recipe, (i * steps + steps - 1) / steps, losses);
  });
}

/** Counting repeated images takes a second or two on MNIST. */
const known = new WeakMap<Dataset, number>();

function dataOf(data: Dataset, apart: number): ExpectedData {
  const { name, sha256, train, test, classes } = data;
  const repeated = known.get(data) ?? repeatedInputs(data);
  known.set(data, repeated);
  const perClass = Array.from({ length: classes }, () => 0);
  for (const label of test.labels.subarray(0, test.count)) perClass[label]!++;
  return {
    facts: { name, sha256, train: train.count, test: test.count, classes, repeated },
    trained: train.count - apart,
    perClass,
  };
}
