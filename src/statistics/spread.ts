import jstat from 'jstat';
import { GateError } from '../errors.ts';

/** What n figures of equal standing say, in their unit. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); undefined of a single figure. */
  readonly sd: number | undefined;
  readonly lowest: number;
  readonly highest: number;
}

/** A 95 % confidence interval. */
export interface MeanInterval {
  readonly level: 95;
  readonly low: number;
  readonly high: number;
}

const LEVEL = 0.95;

/** Throws GateError where there is no figure, or one that is not finite. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new GateError('The spread of no figures was asked for: give at least one.');
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new GateError(`The spread of a figure that is ${odd} was asked for.`);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    n,
    mean,
    sd: n < 2 ? undefined : Math.sqrt(squares / (n - 1)),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  };
}

/**
 * Student's t interval of the mean of which `values` are a sample: mean +- t(0.975, n - 1) x SD / sqrt(n); undefined of a
 * single figure, which says nothing of the spread.
 * Formula: https://en.wikipedia.org/wiki/Student%27s_t-distribution#Confidence_intervals
 */
export function meanInterval(values: readonly number[]): MeanInterval | undefined {
  const { n, mean, sd } = spreadOf(values);
  if (sd === undefined) return undefined;
  const half = (jstat.jStat.studentt.inv((1 + LEVEL) / 2, n - 1) * sd) / Math.sqrt(n);
  return { level: 95, low: mean - half, high: mean + half };
}

/** Head minus base over what both have measured, pair by pair. */
export interface PairedDifference {
  readonly pairs: number;
  readonly mean: number;
  /** Undefined of a single pair. */
  readonly interval: MeanInterval | undefined;
}

/**
 * Differences of pairs that share what makes figures vary (here: the seed), and the t interval of their mean. Keys that
 * only one side has do not count; undefined where no key is on both sides.
 */
export function pairedDifference(
  base: ReadonlyMap<number, number>,
  head: ReadonlyMap<number, number>,
): PairedDifference | undefined {
  const differences = [...head].flatMap(([key, value]) => {
    const before = base.get(key);
    return before === undefined ? [] : [value - before];
  });
  if (differences.length === 0) return undefined;
  return {
    pairs: differences.length,
    mean: spreadOf(differences).mean,
    interval: meanInterval(differences),
  };
}
