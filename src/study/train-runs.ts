import type { Iteration } from '../iterations/define.ts';
import { begin, epochDone, runDone, runFailed } from './progress.ts';
import type { CheckpointPlace } from '../training/checkpoint.ts';
import { startCrew } from './crew.ts';
import { startDisplay } from './display.ts';
import type { RunDone, Task } from './messages.ts';

export interface Training {
  readonly iteration: Iteration;
  readonly seeds: readonly number[];
  /** Test accuracy at the end of the runs that are there already, per cent. */
  readonly finals: readonly number[];
  readonly jobs: number;
  /** Seeds whose full record is wanted. */
  readonly whole: readonly number[];
  /** Where an interrupted run goes on; absent: nowhere. */
  readonly checkpoints?: CheckpointPlace;
  /** Told of each run as soon as it is done. */
  onRun(done: RunDone): void;
}

export interface Trained {
  /** Of the runs that did not come to their end. */
  readonly failures: readonly { readonly seed: number; readonly message: string }[];
  readonly seconds: number;
  /** Processor time over time and processes: 1 is all of them all the time. */
  readonly share: number;
}

/** Trains an iteration with each of the seeds, side by side, and shows how far it is; Ctrl-C ends all processes. */
export async function trainRuns({
  iteration,
  seeds,
  finals,
  jobs,
  whole,
  checkpoints,
  onRun,
}: Training): Promise<Trained> {
  const start = performance.now();
  const failures: { seed: number; message: string }[] = [];
  const display = startDisplay();
  const epochsOf = new Map<number, number>();
  let progress = begin(seeds.length, iteration.recipe.epochs, finals);
  let cpuSeconds = 0;
  const tasks = seeds.map((seed): Task => {
    const task = { iteration: iteration.id, seed, whole: whole.includes(seed) };
    return checkpoints ? { ...task, checkpoints } : task;
  });
  const crew = startCrew(tasks, jobs, {
    onEpoch({ seed }) {
      epochsOf.set(seed, (epochsOf.get(seed) ?? 0) + 1);
      progress = epochDone(progress);
      display.show(progress);
    },
    onNotice: ({ seed }, line) => display.say(`seed ${seed}: ${line}`),
    onRun(_, done) {
      cpuSeconds += done.cpuSeconds;
      onRun(done);
      progress = runDone(progress, done.run.testCorrect.at(-1)!, done.head.data.test);
      display.show(progress);
    },
    onFailure({ seed }, message) {
      failures.push({ seed, message });
      progress = runFailed(progress, epochsOf.get(seed) ?? 0);
      display.say(`seed ${seed} failed: ${message}`);
      display.show(progress);
    },
  });
  const interrupted = () => {
    crew.stop();
    display.end();
    // What the shell expects of a process that Ctrl-C ended.
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    await crew.done;
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    crew.stop();
    display.end();
  }
  const seconds = (performance.now() - start) / 1000;
  return { failures, seconds, share: cpuSeconds / (seconds * jobs) };
}
