import type { Backend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { ExitCode, GateError } from '../errors.ts';
import type { Iteration } from '../iterations/define.ts';
import { run } from '../training/run.ts';
import type { Progress } from '../training/train.ts';
import { type Parting, partingOf } from './compare.ts';
import { studyRunOf } from './run.ts';
import type { Study, StudyRun } from './schema.ts';
import { commandLine } from '../command-line.ts';

export interface ReplayOptions {
  readonly iteration: Iteration;
  readonly study: Study;
  readonly seed: number;
  readonly data: Dataset;
  readonly backend: Backend;
  readonly threads?: number;
  readonly progress?: Progress;
}

/** What came of a run that was trained again. */
export interface Replay {
  readonly id: string;
  readonly seed: number;
  readonly epochs: number;
  /** Undefined: equal to the bit in every figure of every epoch. */
  readonly parting: Parting | undefined;
}

/**
 * Trains one run of a study again and compares every figure of every epoch, the weights after each and what the trained
 * network reads wrong. Throws GateError as `replayOf`.
 */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const { study, data } = options;
  const made = await run(options);
  return replayOf(study, made.record.fingerprint, studyRunOf(made, data));
}

/**
 * A run that was trained again, held against the study. Throws GateError where the study has no run of its seed, or is of
 * another network, recipe, data or engine, so that it could not come out the same. Pure.
 */
export function replayOf(study: Study, fingerprint: string, made: StudyRun): Replay {
  const recorded = study.runs.find(({ seed }) => seed === made.seed);
  if (recorded === undefined) {
    throw new GateError(`${study.id}: its study has no run of seed ${made.seed}.`, ExitCode.missing);
  }
  if (fingerprint !== study.fingerprint) {
    throw new GateError(
      `${study.id}: its study is of another network, recipe, data or engine than there are now: it is stale. Train it anew: \`${commandLine(`study ${study.id.split('-', 1)[0]}`)}\`.`,
      ExitCode.missing,
    );
  }
  const parting = partingOf(recorded, made);
  return { id: study.id, seed: made.seed, epochs: recorded.testCorrect.length, parting };
}

/** "5-lr-scheduler, seed 13: equal to the bit in all 15 epochs", or where it is not. */
export function describeReplay({ id, seed, epochs, parting }: Replay): string {
  const run = `${id}, seed ${seed}`;
  if (parting === undefined) return `${run}: equal to the bit in all ${epochs} epochs`;
  const { epoch, figure, recorded, replayed } = parting;
  return `${run}: parts from its record at epoch ${epoch}: ${figure}, recorded ${recorded}, trained again ${replayed}`;
}
