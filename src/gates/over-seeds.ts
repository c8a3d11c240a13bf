import { shareLowerBound, trialsNeeded } from '../statistics/share.ts';
import { meanInterval } from '../statistics/spread.ts';
import type { Status } from './verdict.ts';

/** What several runs say together, beside the value that is judged. Pure. */

/**
 * A promise on a share of all seeds, of which the runs are a sample: kept only if the one-sided 95 % lower bound
 * (Clopper-Pearson) of the share is at least `share`. Where every run keeps it but they are too few: inconclusive.
 */
export function judgeShare(
  share: number,
  kept: readonly boolean[],
): { readonly status: Status; readonly detail: string } {
  const met = kept.filter(Boolean).length;
  const bound = shareLowerBound(met, kept.length);
  const found = `kept by ${met} of ${kept.length} runs, hence by at least ${perCent(bound)} of all seeds (95 % bound), promised: ${perCent(share)}`;
  if (bound >= share) return { status: 'pass', detail: found };
  if (met < kept.length) return { status: 'fail', detail: found };
  return {
    status: 'inconclusive',
    detail: `${found}; that takes ${trialsNeeded(share)} runs which all keep it`,
  };
}

/** "mean over 20 seeds, 95 % interval 99.487 to 99.523 %"; undefined of a single run. */
export function describeMean(values: readonly number[], unit: string): string | undefined {
  const interval = meanInterval(values);
  if (interval === undefined) return undefined;
  const [low, high] = [interval.low, interval.high].map((end) => end.toFixed(3));
  return `mean over ${values.length} seeds, 95 % interval ${low} to ${high}${unit === '' ? '' : ` ${unit}`}`;
}

function perCent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
