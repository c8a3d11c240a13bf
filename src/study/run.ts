import { valueOr } from '../fact.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Epoch, RunRecord } from '../record.ts';
import type { Run } from '../training/run.ts';
import { type Study, STUDY_SCHEMA, type StudyRun } from './schema.ts';

/** Digits of a second that are kept: the clock of a shared machine knows no more. */
const SECOND_DIGITS = 2;

/** What a study keeps of a run. */
export function studyRunOf({ record, weightsAfter, predictions }: Run, data: Dataset): StudyRun {
  const { labels } = data.test;
  return {
    seed: record.seed,
    trainCorrect: record.epochs.map((epoch) => epoch.trainCorrect),
    trainLoss: record.epochs.map((epoch) => epoch.trainLoss),
    testCorrect: record.epochs.map((epoch) => epoch.testCorrect),
    testLoss: record.epochs.map((epoch) => epoch.testLoss),
    ...validationOf(record.epochs),
    seconds: record.epochs.map(({ seconds }) => Number(seconds.toFixed(SECOND_DIGITS))),
    weights: [...weightsAfter],
    mistakes: Array.from(predictions).flatMap((read, i): [number, number, number][] =>
      read === labels[i] ? [] : [[i, labels[i]!, read]],
    ),
    dead: [...valueOr(record.deadChannels, { dead: [] }).dead],
  };
}

function validationOf(epochs: readonly Epoch[]): Pick<StudyRun, 'validation'> {
  const total = epochs[0]?.validationTotal;
  if (total === undefined) return {};
  return {
    validation: {
      total,
      correct: epochs.map(({ validationCorrect }) => validationCorrect!),
      loss: epochs.map(({ validationLoss }) => validationLoss!),
    },
  };
}

/** All of a study but its runs and its seal: what every run of the same fingerprint shares. */
export function studyHead(record: RunRecord): Omit<Study, 'runs' | 'seal'> {
  const { id, name, fingerprint, engine, backend, data } = record;
  return {
    schema: STUDY_SCHEMA,
    id,
    name,
    fingerprint,
    engine: { ...engine },
    backend: { name: backend.name, version: backend.version },
    data: {
      name: data.name,
      sha256: data.sha256,
      train: data.train,
      test: data.test,
      classes: data.classes,
    },
  };
}
