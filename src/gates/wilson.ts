import type { Interval } from './verdict.ts';

/** Two-sided 95 % quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * Wilson score interval (95 %) of a share, in per cent: how far the accuracy on another test set of `total` images
 * from the same source could lie from this one. It says nothing of the spread from seed to seed.
 * Formula: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
 */
export function wilson(correct: number, total: number): Interval {
  const share = correct / total;
  const z2 = Z_95 ** 2;
  const centre = share + z2 / (2 * total);
  const half = Z_95 * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total ** 2));
  const scale = 100 / (1 + z2 / total);
  return {
    level: 95,
    low: Math.max(0, (centre - half) * scale),
    high: Math.min(100, (centre + half) * scale),
  };
}
