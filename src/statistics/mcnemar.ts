import jstat from 'jstat';

/** Two classifiers over the same images, as far as they differ. */
export interface McNemar {
  /** Images that only the base reads right: lost by the change. */
  readonly lost: number;
  /** Images that only the head reads right: won by the change. */
  readonly won: number;
  /** Probability of a split at least as uneven, either way, if both were equally good. */
  readonly p: number;
}

/**
 * McNemar's exact test on the images that base and head read wrong (indices into the same test images, in any order):
 * the images on which they differ fall to either side like a fair coin if both are equally good.
 * Formula: https://en.wikipedia.org/wiki/McNemar%27s_test#Variations (exact binomial, two-sided)
 */
export function mcNemar(baseMistakes: readonly number[], headMistakes: readonly number[]): McNemar {
  const [base, head] = [new Set(baseMistakes), new Set(headMistakes)];
  const lost = [...head].filter((image) => !base.has(image)).length;
  const won = [...base].filter((image) => !head.has(image)).length;
  const differing = lost + won;
  const p =
    differing === 0 ? 1 : Math.min(1, 2 * jstat.jStat.binomial.cdf(Math.min(lost, won), differing, 0.5));
  return { lost, won, p };
}
