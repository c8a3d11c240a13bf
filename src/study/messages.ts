import type { Study, StudyRun } from './schema.ts';
import type { RunRecord } from '../record.ts';
import type { CheckpointPlace } from '../training/checkpoint.ts';

/** What a study's processes say to each other; by structured clone, so that NaN and bytes arrive as they are. */

/** One run to train. */
export interface Task {
  readonly iteration: string;
  readonly seed: number;
  /** Hand over the full record and the weights too. */
  readonly whole: boolean;
  /** Absent: it starts anew and keeps nothing. */
  readonly checkpoints?: CheckpointPlace;
}

/** An epoch that is done. */
export interface EpochDone {
  readonly type: 'epoch';
  readonly testCorrect: number;
  readonly testTotal: number;
}

export interface RunDone {
  readonly type: 'run';
  readonly head: Omit<Study, 'runs' | 'seal'>;
  readonly run: StudyRun;
  readonly whole?: { readonly record: RunRecord; readonly weights: Uint8Array };
  /** Seconds of processor time that the run took. */
  readonly cpuSeconds: number;
}

export interface RunFailed {
  readonly type: 'failed';
  readonly message: string;
}

/** A line for a person. */
export interface Notice {
  readonly type: 'notice';
  readonly line: string;
}

export type Reply = EpochDone | Notice | RunDone | RunFailed;
