import { percent } from '../record.ts';

/** How far a study has come. Plain numbers; `studyProgress` makes a new one for each thing that happens. */
export interface StudyProgress {
  /** Runs to train now, and epochs of one. */
  readonly runs: number;
  readonly epochs: number;
  /** Finished before this start. */
  readonly before: number;
  readonly runsDone: number;
  readonly epochsDone: number;
  readonly failed: number;
  /** Test accuracy at the end of every run that is done, earlier ones included, per cent. */
  readonly finals: readonly number[];
}

/** Where a study starts from; `finals`: of the runs that are done already, per cent. */
export function begin(runs: number, epochs: number, finals: readonly number[]): StudyProgress {
  return { runs, epochs, before: finals.length, runsDone: 0, epochsDone: 0, failed: 0, finals };
}

export function epochDone(progress: StudyProgress): StudyProgress {
  return { ...progress, epochsDone: progress.epochsDone + 1 };
}

export function runDone(progress: StudyProgress, testCorrect: number, testTotal: number): StudyProgress {
  const finals = [...progress.finals, percent(testCorrect, testTotal)];
  return { ...progress, runsDone: progress.runsDone + 1, finals };
}

/** `epochs`: how many of its epochs had been counted; they count no more, so that the time left stays true. */
export function runFailed(progress: StudyProgress, epochs: number): StudyProgress {
  return { ...progress, failed: progress.failed + 1, epochsDone: progress.epochsDone - epochs };
}

const SECONDS_A_MINUTE = 60;

/** "3 of 20 runs, 41.2 epochs a minute, 6 min left, worst 99.43 %, mean 99.51 %"; `seconds`: since `begin`. */
export function describeProgress(progress: StudyProgress, seconds: number): string {
  const { runs, epochs, before, runsDone, epochsDone, failed, finals } = progress;
  const parts = [`${before + runsDone} of ${before + runs} runs`];
  if (failed > 0) parts.push(`${failed} failed`);
  const left = (runs - failed) * epochs - epochsDone;
  if (epochsDone > 0 && left > 0) {
    const rate = epochsDone / seconds;
    const minutes = Math.ceil(left / rate / SECONDS_A_MINUTE);
    parts.push(`${(rate * SECONDS_A_MINUTE).toFixed(1)} epochs a minute`, `${minutes} min left`);
  }
  if (finals.length > 0) {
    const mean = finals.reduce((sum, final) => sum + final, 0) / finals.length;
    parts.push(`worst ${Math.min(...finals).toFixed(2)} %`, `mean ${mean.toFixed(2)} %`);
  }
  return parts.join(', ');
}
