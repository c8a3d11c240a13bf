import { type Backend, selectBackend } from '../backend/select.ts';
import { checkDataset } from '../data/check-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { findMnist, MNIST_SHA256 } from '../data/mnist.ts';
import { ExitCode, GateError } from '../errors.ts';
import { issue } from '../evidence.ts';
import type { Iteration } from '../iterations/define.ts';
import { buildModel } from '../model/build.ts';
import type { Evidence, RunRecord } from '../record.ts';
import { checkpointsOf, clearCheckpoint } from './checkpoint.ts';
import { expectationOf } from './expectation.ts';
import { lineProgress } from './progress.ts';
import { checkRecord, checkRepeated, remeasure } from './remeasure.ts';
import { notesOf, run } from './run.ts';
import { RUNS_FOLDER, writeRun } from './store.ts';
import { surveyWasmFirst } from './survey.ts';
import type { Progress } from './train.ts';
import { commandLine } from '../command-line.ts';

/** Of the committed records. */
export const FIRST_SEED = 1;

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
  /**
   * Where an interrupted training goes on; absent: a folder of its own below .cache. Never in CI (the variable CI): what comes with
   * a change is no evidence. The variable RETRAIN=fresh starts anew.
   */
  readonly checkpoints?: string;
}

/**
 * The evidence of one iteration's full records. A record whose fingerprint still fits is not believed but measured again: its weights are
 * loaded and run over all test images, and count, loss and confusion matrix must come out as recorded. Where no record
 * fits, the network is trained and the record written, unless GATE_TRAIN is "never". Without data a fitting record is
 * handed over as 'recorded'. The committed evidence is what was trained on WASM, as anyone can repeat it to the bit:
 * weights are weights, and on another backend they are measured on that one; its own records count where WASM's no
 * longer fit. Throws GateError where a record was tampered with or there is nothing to go by.
 */
export async function evidenceOfRecords(iteration: Iteration, options: EvidenceOptions): Promise<Evidence> {
  const backend = options.backend ?? (await selectBackend({ force: process.env['GATE_BACKEND'] }));
  if (options.data) checkDataset(options.data);
  const data = options.data ?? (await findMnist());
  const folder = options.folder ?? RUNS_FOLDER;
  const retrain = options.retrain === true || Boolean(process.env['RETRAIN']);
  const model = buildModel(iteration.network, { name: iteration.id });
  try {
    const { fitting, staleSeeds, why, engine } = surveyWasmFirst(iteration, {
      model,
      folder,
      backend,
      dataSha256: data?.sha256,
    });
    const dataSha256 = data?.sha256 ?? MNIST_SHA256;
    const check = (record: RunRecord) =>
      checkRecord(record, expectationOf(record, { iteration, model, engine, dataSha256, data }));
    if (fitting.length > 0 && staleSeeds.length > 0 && !retrain) throw leftBehind(iteration, staleSeeds, why);
    const base = {
      id: iteration.id,
      name: iteration.name,
      backend: { name: backend.name, reason: backend.reason },
    };
    if (data === undefined) {
      if (fitting.length === 0) throw nothingToGoBy(iteration, why);
      fitting.forEach((record) => check(record));
      return issue({
        ...base,
        runs: fitting,
        provenance: 'recorded',
        note: `recorded, not re-measured: no MNIST at hand (set MNIST_DIR or run \`${commandLine('mnist')}\`)`,
      });
    }
    if (fitting.length > 0 && !retrain) {
      const measured = fitting.map((record) => remeasure(record, { folder, model, data, backend }));
      fitting.forEach((record) => check(record));
      const how = measured.map(({ note }, i) => note + notesOf(fitting[i]!)).join('; ');
      const { misread } = measured[0]!;
      return issue({ ...base, runs: fitting, provenance: 're-evaluated', note: how, misread });
    }
    if (process.env['GATE_TRAIN'] === 'never') throw trainingForbidden(iteration, why);
    const seed = FIRST_SEED;
    const progress = options.progress ?? lineProgress(iteration.id, iteration.recipe.epochs);
    const place = options.checkpoints ?? checkpointsOf(folder);
    const checkpoints = process.env['CI']
      ? undefined
      : { folder: place, fresh: process.env['RETRAIN'] === 'fresh' };
    const { record, weights, misread } = await run({
      iteration,
      data,
      backend,
      seed,
      progress,
      ...(checkpoints && { checkpoints }),
    });
    const before = fitting.find((each) => each.seed === seed);
    if (before) checkRepeated(before, record);
    writeRun(folder, record, weights);
    if (checkpoints) clearCheckpoint(place, { id: record.id, seed, backend: backend.name });
    return issue({
      ...base,
      runs: [record],
      provenance: 'trained',
      note: `trained just now: ${retrain ? 'asked for' : why}${notesOf(record)}`,
      misread,
    });
  } finally {
    model.dispose();
  }
}

/** Some of an iteration's records fit, others do not: those must not drop out of the evidence in silence. */
function leftBehind({ id }: Iteration, seeds: readonly number[], why: string): GateError {
  return new GateError(
    `${id}: the record of seed ${seeds.join(', ')} does not fit any more (${why}), others do. Train it anew (\`${commandLine('bless')}\`), or delete it.`,
    ExitCode.missing,
  );
}

function nothingToGoBy({ id }: Iteration, why: string): GateError {
  return new GateError(
    `${id}: ${why}; and there is no MNIST at hand to train it: set MNIST_DIR or run \`${commandLine('mnist')}\`.`,
  );
}

function trainingForbidden({ id }: Iteration, why: string): GateError {
  return new GateError(
    `${id}: ${why}; and GATE_TRAIN=never forbids to train it here. Run \`${commandLine('bless')}\` and commit runs/ with the change.`,
    ExitCode.missing,
  );
}
