import { meanGap } from '../gap.ts';
import { percent } from '../record.ts';
import { type MeanInterval, meanInterval, type Spread, spreadOf } from '../statistics/spread.ts';
import type { Study, StudyRun } from './schema.ts';

/** What the runs of several seeds say together. */
export interface StudySummary {
  /** Test accuracy after the last epoch, per cent. */
  readonly final: Spread;
  /** Of the mean; undefined of a single run. */
  readonly interval: MeanInterval | undefined;
  /** By how much the runs overfit, points. */
  readonly gap: Spread;
  /** Of how many runs each was the first epoch from which `target` is held to the end, by epoch. */
  readonly firstHeld: readonly (readonly [epoch: number, runs: number])[];
  /** Runs that end below `target`. */
  readonly neverHeld: number;
}

/** `target`: per cent of the test images that "held" speaks of. Pure. */
export function summarizeStudy(study: Study, target: number): StudySummary {
  const finals = finalAccuracies(study);
  const held = study.runs.map((run) => heldFrom(run, study.data.test, target));
  const counts = new Map<number, number>();
  for (const epoch of held) if (epoch !== undefined) counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
  return {
    final: spreadOf(finals),
    interval: meanInterval(finals),
    gap: spreadOf(study.runs.map((run) => gapOf(run, study.data))),
    firstHeld: [...counts].toSorted(([a], [b]) => a - b),
    neverHeld: held.filter((epoch) => epoch === undefined).length,
  };
}

/** Of every run, per cent. */
export function finalAccuracies({ runs, data }: Study): number[] {
  return runs.map(({ testCorrect }) => percent(testCorrect.at(-1)!, data.test));
}

function gapOf({ trainCorrect, testCorrect }: StudyRun, data: Study['data']): number {
  return meanGap(
    trainCorrect.map((correct) => percent(correct, data.train)),
    testCorrect.map((correct) => percent(correct, data.test)),
  );
}

/** The first epoch from which all to the last are at or above `target` per cent. */
function heldFrom({ testCorrect }: StudyRun, images: number, target: number): number | undefined {
  const lastMiss = testCorrect.findLastIndex((correct) => percent(correct, images) < target);
  return lastMiss === testCorrect.length - 1 ? undefined : lastMiss + 2;
}

/**
 * "20 runs, mean 99.503 % (95 % interval 99.487 to 99.519), SD 0.034, lowest 99.44, highest 99.58; 99.4 % from epoch 5: 12, 6: 8; train
 * minus test -0.662 points (SD 0.041, -0.734 to -0.587)".
 */
export function describeSummary(
  { final, interval, gap, firstHeld, neverHeld }: StudySummary,
  target: number,
): string {
  const { n, mean, sd, lowest, highest } = final;
  const range = interval ? ` (95 % interval ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : '';
  const held = [
    ...firstHeld.map(([epoch, runs], i) => `${i === 0 ? 'from epoch ' : ''}${epoch}: ${runs}`),
    ...(neverHeld > 0 ? [`never: ${neverHeld}`] : []),
  ];
  const ends = [
    `${n} ${n === 1 ? 'run' : 'runs'}, mean ${mean.toFixed(3)} %${range}`,
    ...(sd === undefined ? [] : [`SD ${sd.toFixed(3)}`]),
    `lowest ${lowest.toFixed(2)}`,
    `highest ${highest.toFixed(2)}`,
  ].join(', ');
  return [ends, `${target} % ${held.join(', ')}`, `train minus test ${describeGap(gap)}`].join('; ');
}

function describeGap({ mean, sd, lowest, highest }: Spread): string {
  const range =
    sd === undefined ? '' : ` (SD ${sd.toFixed(3)}, ${lowest.toFixed(3)} to ${highest.toFixed(3)})`;
  return `${mean.toFixed(3)} points${range}`;
}
