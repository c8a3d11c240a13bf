import jstat from 'jstat';
import { GateError } from '../errors.ts';

const LEVEL = 0.95;

/**
 * Clopper-Pearson lower bound, one-sided 95 %: the smallest share of successes among all that could have been drawn, from
 * which at least `successes` of `trials` still come with a probability of 5 %. Exact, so never too bold.
 * Formula: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Clopper%E2%80%93Pearson_interval
 */
export function shareLowerBound(successes: number, trials: number): number {
  if (!Number.isInteger(successes) || !Number.isInteger(trials) || successes < 0 || successes > trials) {
    throw new GateError(
      `${successes} of ${trials} is not a share: give whole numbers, the first one not larger.`,
    );
  }
  if (successes === 0) return 0;
  return jstat.jStat.beta.inv(1 - LEVEL, successes, trials - successes + 1);
}

/** The fewest trials that can show `share` by the lower bound, when every one of them succeeds; Infinity for a share of 1. */
export function trialsNeeded(share: number): number {
  if (!(share > 0 && share <= 1)) {
    throw new GateError(`A share of ${share} was asked for: give a number above 0 and at most 1.`);
  }
  return share === 1 ? Infinity : Math.ceil(Math.log(1 - LEVEL) / Math.log(share));
}

/** The fewest successes of `trials` whose lower bound is at least `share`; undefined where not even all of them are enough. */
export function successesNeeded(share: number, trials: number): number | undefined {
  for (let successes = 0; successes <= trials; successes++) {
    if (shareLowerBound(successes, trials) >= share) return successes;
  }
  return undefined;
}
