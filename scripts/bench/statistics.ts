/** What a series of measurements says: the machine is shared, so the median is what happens and the minimum what is possible. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  return { median: medianOf(samples), minimum: Math.min(...samples) };
}

/** The middle one, of an even number the mean of the two in the middle. */
export function medianOf(samples: readonly number[]): number {
  if (samples.length === 0) throw new Error('the median of nothing was asked for');
  const sorted = samples.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Median over the rounds of `upper` / `lower`, both measured in the same round: what slows the machine down for a while
 * slows both. Rounds in which one of them has no sample do not count.
 */
export function pairedRatio(
  upper: readonly (number | undefined)[],
  lower: readonly (number | undefined)[],
): number {
  const ratios = upper.flatMap((value, round) => {
    const other = lower[round];
    return value === undefined || other === undefined ? [] : [value / other];
  });
  return medianOf(ratios);
}

/** The p of y = a x^p that fits best (least squares of the logarithms): 1 where the time grows as the work does. */
export function growthExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (pick: 0 | 1) => logs.reduce((sum, log) => sum + log[pick], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const above = logs.reduce((sum, log) => sum + (log[0] - x) * (log[1] - y), 0);
  return above / logs.reduce((sum, log) => sum + (log[0] - x) ** 2, 0);
}
