import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { pixelStatistics } from '../data/normalize.ts';
import { createEngine } from '../engine/choose.ts';
import { ExitCode, GateError } from '../errors.ts';
import { valueOr } from '../fact.ts';
import type { Iteration } from '../iterations/define.ts';
import { describeFact, describeField, type Misread, type RunRecord } from '../record.ts';
import { auditRecord, type RecordExpectation } from './audit.ts';
import { deadChannelsOn } from './dead-channels.ts';
import { misreadBy } from './misread.ts';
import { confusionMatrix } from './run.ts';
import { readWeights } from './store.ts';
import { setWeightsFromBytes } from './weights-file.ts';
import { commandLine } from '../command-line.ts';

/** On other arithmetic than the record's a few images on the brink may tip over. */
const IMAGES_TOLERATED_ELSEWHERE = 2;

export interface Remeasuring {
  readonly folder: string;
  readonly model: LayersModel;
  readonly data: Dataset;
  readonly backend: Backend;
}

export interface Remeasured {
  /** One line that says what was measured. */
  readonly note: string;
  readonly misread: readonly Misread[];
}

/** Runs the record's weights over the test images again; throws GateError where that is not what the record says. */
export function remeasure(record: RunRecord, { folder, model, data, backend }: Remeasuring): Remeasured {
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
    // A loss that is no number is equal to itself here.
    if (tolerance === 0 && !Object.is(loss / data.test.count, testLoss)) {
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
    const { output } = record;
    return {
      note: `seed ${record.seed}: ${correct} of ${data.test.count} test images correct, ${how}`,
      misread: misreadBy(model, { images: data.test, predictions, statistics, output }),
    };
  } finally {
    engine.dispose();
  }
}

/** Throws GateError where a record does not say what follows from its network, recipe and data. */
export function checkRecord(record: RunRecord, expected: RecordExpectation): void {
  const facts = expected.model;
  if (!isDeepStrictEqual(facts, record.model)) {
    throw contradiction(
      record,
      'other parameters, multiply-adds or receptive field',
      `${describeFact(facts.parameters)} parameters and a receptive field of ${describeField(facts.receptiveField)}`,
    );
  }
  const faults = auditRecord(record, expected);
  if (faults.length === 0) return;
  throw new GateError(
    `The record of ${record.id}, seed ${record.seed}, does not fit: ${faults.slice(0, MOST_FAULTS).join('; ')}${faults.length > MOST_FAULTS ? `; and ${faults.length - MOST_FAULTS} more` : ''}. ${restore(record)}`,
    ExitCode.missing,
  );
}

/** Enough for a person to see what is up. */
const MOST_FAULTS = 3;

function contradiction(record: RunRecord, recorded: string, measured: string): GateError {
  return new GateError(
    `The record of ${record.id}, seed ${record.seed}, says ${recorded}; measured just now: ${measured}. ${restore(record)}`,
    ExitCode.missing,
  );
}

function restore({ id, seed }: RunRecord): string {
  return `Restore runs/ with git, or train anew: \`${commandLine(`train ${id.split('-', 1)[0]} --seed ${seed}`)}\`.`;
}

/** The same fingerprint and seed give the same bits on WASM: another figure in any epoch was not written by a training run. */
export function checkRepeated(before: RunRecord, now: RunRecord): void {
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
