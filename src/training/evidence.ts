import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Backend, selectBackend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { pixelStatistics } from '../data/normalize.ts';
import { findMnist, MNIST_SHA256 } from '../data/mnist.ts';
import { ExitCode, GateError } from '../errors.ts';
import { issue } from '../evidence.ts';
import { valueOr } from '../fact.ts';
import type { Iteration } from '../iterations/define.ts';
import { buildModel } from '../model/build.ts';
import { modelFacts } from '../model/facts.ts';
import { describeFact, describeField, type Evidence, type RunRecord } from '../record.ts';
import { createEngine, engineIdentity } from '../engine/choose.ts';
import { deadChannelsOn } from './dead-channels.ts';
import { fingerprintOf } from './fingerprint.ts';
import { lineProgress } from './progress.ts';
import { confusionMatrix, notesOf, run } from './run.ts';
import { whyStale } from './stale.ts';
import { readRecords, readWeights, RUNS_FOLDER, writeRun } from './store.ts';
import type { Progress } from './train.ts';
import { setWeightsFromBytes } from './weights-file.ts';

/** Of the committed records. */
export const FIRST_SEED = 1;
/** On other arithmetic than the record's a few images on the brink may tip over. */
const IMAGES_TOLERATED_ELSEWHERE = 2;

export interface EvidenceOptions {
  /** Absent: MNIST where it is at hand, without a download. */
  readonly data?: Dataset;
  /** Absent: what GATE_BACKEND says, else the first that loads. */
  readonly backend?: Backend;
  /** Absent: runs/ in the project. */
  readonly folder?: string;
  /** Train even where a record fits; the variable RETRAIN asks for it, too, and no option talks it out of it. */
  readonly retrain?: boolean;
  readonly progress?: Progress;
}

/**
 * The evidence of one iteration. A record whose fingerprint still fits is not believed but measured again: its weights are
 * loaded and run over all test images, and count, loss and confusion matrix must come out as recorded. Where no record
 * fits, the network is trained and the record written, unless GATE_TRAIN is "never". Without data a fitting record is
 * handed over as 'recorded'. The committed evidence is what was trained on WASM, as anyone can repeat it to the bit:
 * weights are weights, and on another backend they are measured on that one; its own records count where WASM's no
 * longer fit. Throws GateError where a record was tampered with or there is nothing to go by.
 */
export async function obtainEvidence(iteration: Iteration, options: EvidenceOptions): Promise<Evidence> {
  const backend = options.backend ?? (await selectBackend({ force: process.env['GATE_BACKEND'] }));
  const data = options.data ?? (await findMnist());
  const folder = options.folder ?? RUNS_FOLDER;
  const retrain = options.retrain === true || Boolean(process.env['RETRAIN']);
  const model = buildModel(iteration.network, { name: iteration.id });
  try {
    const { fitting, why } = surveyWasmFirst(iteration, { model, folder, backend, dataSha256: data?.sha256 });
    const base = {
      id: iteration.id,
      name: iteration.name,
      backend: { name: backend.name, reason: backend.reason },
    };
    if (data === undefined) {
      if (fitting.length === 0) throw nothingToGoBy(iteration, why);
      fitting.forEach((record) => checkFacts(record, model));
      return issue({
        ...base,
        runs: fitting,
        provenance: 'recorded',
        note: 'recorded, not re-measured: no MNIST at hand (set MNIST_DIR or run `npm run mnist`)',
      });
    }
    if (fitting.length > 0 && !retrain) {
      const notes = fitting.map((record) => remeasure(record, { folder, model, data, backend }));
      const how = notes.map((note, i) => note + notesOf(fitting[i]!)).join('; ');
      return issue({ ...base, runs: fitting, provenance: 're-evaluated', note: how });
    }
    if (process.env['GATE_TRAIN'] === 'never') throw trainingForbidden(iteration, why);
    const seed = FIRST_SEED;
    const progress = options.progress ?? lineProgress(iteration.id, iteration.recipe.epochs);
    const { record, weights } = await run({ iteration, data, backend, seed, progress });
    const before = fitting.find((each) => each.seed === seed);
    if (before) checkRepeated(before, record);
    writeRun(folder, record, weights);
    return issue({
      ...base,
      runs: [record],
      provenance: 'trained',
      note: `trained just now: ${retrain ? 'asked for' : why}${notesOf(record)}`,
    });
  } finally {
    model.dispose();
  }
}

/** Which records of an iteration still fit, and which seeds have one that no longer does. */
export interface Survey {
  readonly fitting: readonly RunRecord[];
  readonly staleSeeds: readonly number[];
  /** What changed since the first record that does not fit, or that there is none; one line. */
  readonly why: string;
}

/** Looks through `folder` for the records of `iteration`, whose built model is `model`; MNIST unless `dataSha256` says otherwise. */
export function survey(
  iteration: Iteration,
  request: {
    readonly model: LayersModel;
    readonly folder: string;
    readonly backend: Pick<Backend, 'name'>;
    readonly dataSha256?: string | undefined;
  },
): Survey {
  const { model, backend, folder, dataSha256 = MNIST_SHA256 } = request;
  const { recipe } = iteration;
  const engine = engineIdentity({ backend, model });
  const fingerprint = fingerprintOf({ model, recipe, dataSha256, engine });
  const records = readRecords(folder, iteration.id, backend.name);
  const [fitting, stale] = [
    records.filter((record) => record.fingerprint === fingerprint),
    records.filter((record) => record.fingerprint !== fingerprint),
  ];
  const [first] = stale;
  const why = first
    ? `its record no longer fits: ${whyStale(first, { model: modelFacts(model), recipe, dataSha256, engine }).join('; ')}`
    : 'it has no record yet';
  return { fitting, staleSeeds: stale.map(({ seed }) => seed), why };
}

/** WASM's records where one fits, whatever the backend; else the backend's own. */
function surveyWasmFirst(...[iteration, request]: Parameters<typeof survey>): Survey {
  const wasm = survey(iteration, { ...request, backend: { name: 'wasm' } });
  if (request.backend.name === 'wasm' || wasm.fitting.length > 0) return wasm;
  const own = survey(iteration, request);
  return own.fitting.length > 0 || wasm.staleSeeds.length === 0 ? own : wasm;
}

interface Remeasuring {
  readonly folder: string;
  readonly model: LayersModel;
  readonly data: Dataset;
  readonly backend: Backend;
}

/** One line that says what was measured; throws GateError where it is not what the record says. */
function remeasure(record: RunRecord, { folder, model, data, backend }: Remeasuring): string {
  checkFacts(record, model);
  setWeightsFromBytes(model, readWeights(folder, record), path.join(folder, record.weights.file));
  const recipe = record.recipe as unknown as Iteration['recipe'];
  // The file holds the averaged weights where the recipe averages: they are evaluated as they are.
  const { weightAveraging: _, ...plain } = recipe;
  const statistics = pixelStatistics(recipe, data.train);
  const engine = createEngine({ backend, model, recipe: plain, seed: record.seed, statistics });
  try {
    const { correct, loss, predictions } = engine.evaluate(data.test);
    const { testCorrect: expected, testLoss } = record.epochs.at(-1)!;
    const tolerance = engine.name === 'wasm' ? 0 : IMAGES_TOLERATED_ELSEWHERE;
    const confusion = JSON.stringify(confusionMatrix(data, predictions));
    if (Math.abs(correct - expected) > tolerance) {
      throw contradiction(record, `${expected} correct test images`, `${correct}`);
    }
    if (tolerance === 0 && confusion !== JSON.stringify(record.confusion)) {
      throw contradiction(record, 'its confusion matrix', 'another one');
    }
    if (tolerance === 0 && loss / data.test.count !== testLoss) {
      throw contradiction(record, `a test loss of ${testLoss}`, `${loss / data.test.count}`);
    }
    const dead = deadChannelsOn(model, data.test, statistics);
    const recorded = valueOr(record.deadChannels, undefined);
    if (tolerance === 0 && recorded && !isDeepStrictEqual(dead, recorded)) {
      const names = (channels: readonly string[]) => `dead channels: ${channels.join(', ') || 'none'}`;
      throw contradiction(record, names(recorded.dead), names(dead.dead));
    }
    const how =
      record.backend.name === backend.name
        ? `measured again (${engine.name})`
        : `trained on ${record.backend.name}, measured again on ${backend.name}`;
    return `seed ${record.seed}: ${correct} of ${data.test.count} test images correct, ${how}`;
  } finally {
    engine.dispose();
  }
}

/** What follows from the network alone must stand in the record as it is computed now. */
function checkFacts(record: RunRecord, model: LayersModel): void {
  const facts = modelFacts(model);
  if (!isDeepStrictEqual(facts, record.model)) {
    throw contradiction(
      record,
      'other parameters, multiply-adds or receptive field',
      `${describeFact(facts.parameters)} parameters and a receptive field of ${describeField(facts.receptiveField)}`,
    );
  }
}

function contradiction(record: RunRecord, recorded: string, measured: string): GateError {
  const number = record.id.split('-', 1)[0];
  return new GateError(
    `The record of ${record.id}, seed ${record.seed}, says ${recorded}; measured just now: ${measured}. Restore runs/ with git, or train anew: \`npm run train -- ${number} --seed ${record.seed}\`.`,
    ExitCode.missing,
  );
}

/** The same fingerprint and seed give the same bits on WASM: another figure in any epoch was not written by a training run. */
function checkRepeated(before: RunRecord, now: RunRecord): void {
  if (now.engine.name !== 'wasm') return;
  for (const [i, epoch] of now.epochs.entries()) {
    const { seconds: _, ...measured } = epoch;
    const { seconds: __, ...recorded } = before.epochs[i] ?? { seconds: 0 };
    if (!isDeepStrictEqual(measured, recorded)) {
      throw contradiction(
        before,
        `${JSON.stringify(recorded)} of epoch ${epoch.epoch}`,
        JSON.stringify(measured),
      );
    }
  }
}

function nothingToGoBy({ id }: Iteration, why: string): GateError {
  return new GateError(
    `${id}: ${why}; and there is no MNIST at hand to train it: set MNIST_DIR or run \`npm run mnist\`.`,
  );
}

function trainingForbidden({ id }: Iteration, why: string): GateError {
  return new GateError(
    `${id}: ${why}; and GATE_TRAIN=never forbids to train it here. Run \`npm run bless\` and commit runs/ with the change.`,
    ExitCode.missing,
  );
}
