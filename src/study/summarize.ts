import { consistentFrom, percent, type RunRecord } from '../record.ts';
import { type MeanInterval, meanInterval, type Spread, spreadOf } from '../statistics/spread.ts';

/** What the runs of several seeds say together. */
export interface StudySummary {
  readonly seeds: readonly number[];
  /** Test accuracy after the last epoch, per cent. */
  readonly final: Spread;
  /** Of the mean; undefined of a single run. */
  readonly interval: MeanInterval | undefined;
  /** Of how many runs each was the first epoch from which `target` is held to the end, by epoch. */
  readonly firstHeld: readonly (readonly [epoch: number, runs: number])[];
  /** Runs that end below `target`, or drop below it in the last epoch. */
  readonly neverHeld: number;
}

/** The runs of one iteration, one a seed, at least one; `target`: per cent of the test images that "held" speaks of. Pure. */
export function summarizeRuns(runs: readonly RunRecord[], target: number): StudySummary {
  const finals = runs.map(({ epochs }) => percent(epochs.at(-1)!.testCorrect, epochs.at(-1)!.testTotal));
  const held = runs.map((run) => consistentFrom(run, target));
  const counts = new Map<number, number>();
  for (const epoch of held) if (epoch !== undefined) counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
  return {
    seeds: runs.map(({ seed }) => seed),
    final: spreadOf(finals),
    interval: meanInterval(finals),
    firstHeld: [...counts].toSorted(([a], [b]) => a - b),
    neverHeld: held.filter((epoch) => epoch === undefined).length,
  };
}
