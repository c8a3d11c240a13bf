import { z } from 'zod';

/**
 * A verdict is data: what was promised, what was measured, and how the two compare. Gates compute it, matchers hand
 * it to the reporter, reports print it. Nothing here measures or prints.
 */

export const operatorSchema = z.enum(['<', '<=', '==', '>=', '>']);
export type Operator = z.infer<typeof operatorSchema>;

/** How the values of several runs become the one that is judged. */
export const aggregationSchema = z.enum(['min', 'median', 'max', 'mean']);
export type Aggregation = z.infer<typeof aggregationSchema>;

/** error: a failure is red; warn: it is shown, not red; off: it is recorded, not judged. */
export const levelSchema = z.enum(['error', 'warn', 'off']);
export type Level = z.infer<typeof levelSchema>;

/**
 * pass, fail, warn (a failure at level warn), error (could not be measured), missing (promised, no result),
 * inconclusive (met, but not beyond sampling error as asked), refused (measured or declared in a way that does not count).
 */
export const statusSchema = z.enum(['pass', 'fail', 'warn', 'error', 'missing', 'inconclusive', 'refused']);
export type Status = z.infer<typeof statusSchema>;

/** 'built': counted on the built model, no images needed; else where the evidence's figures come from. */
export const rowProvenanceSchema = z.enum(['built', 'trained', 'replayed', 're-evaluated', 'recorded']);
export type RowProvenance = z.infer<typeof rowProvenanceSchema>;

/** What is promised: the part of a verdict that the lock file holds. */
export const targetSchema = z.object({
  iteration: z.string().min(1),
  metric: z.string().min(1),
  operator: operatorSchema,
  /** In `unit`; a string is compared for equality. */
  target: z.union([z.number(), z.string()]),
  unit: z.string(),
  level: levelSchema,
  /** The declared aggregation, whatever the number of runs. */
  over: aggregationSchema,
  /** First and last epoch that a curve target speaks of. */
  from: z.number().int().positive().optional(),
  within: z.number().int().positive().optional(),
  /** The 95 % interval must exclude the target. */
  confidence: z.literal(true).optional(),
  /** So large a share of all seeds keeps it, by the exact lower 95 % bound over the runs; absent: every run counts, by `over`. */
  onShare: z.number().gt(0).lt(1).optional(),
});
export type Target = z.infer<typeof targetSchema>;

export const intervalSchema = z.object({ level: z.literal(95), low: z.number(), high: z.number() });
export type Interval = z.infer<typeof intervalSchema>;

export const verdictSchema = targetSchema.extend({
  /** The aggregated value in `unit`; null: nothing was measured. */
  actual: z.union([z.number(), z.string(), z.null()]),
  /** One value a run, in `unit`. */
  values: z.array(z.union([z.number(), z.string(), z.null()])),
  /** What was done with `values`: with one run there is nothing to aggregate. */
  aggregation: z.union([z.literal('single run'), aggregationSchema]),
  /** Sampling error of the judged value: Wilson 95 %, per cent. */
  interval: intervalSchema.optional(),
  /** Images to spare (negative: missing) of `total`. */
  marginImages: z.number().optional(),
  total: z.number().int().positive().optional(),
  /** The value at the base revision. */
  base: z.union([z.number(), z.string()]).optional(),
  status: statusSchema,
  provenance: rowProvenanceSchema,
  /** The promise as a sentence. */
  title: z.string(),
  /** What was found, when that needs more words than `actual`. */
  detail: z.string().optional(),
  /** What to look at; empty for a pass. */
  remedy: z.string(),
  location: z.object({ file: z.string(), line: z.number().int().positive() }).optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** The stock metrics. */
export const Metric = {
  parameters: 'parameters',
  multiplyAdds: 'multiply-adds',
  receptiveField: 'receptive field',
  receptiveFieldTable: 'receptive field table',
  finalTestAccuracy: 'final test accuracy',
  finalTrainAccuracy: 'final train accuracy',
  heldTestAccuracy: 'held test accuracy',
  gap: 'train-test gap',
  overMajority: 'lead over the majority class',
  nonFiniteLosses: 'non-finite losses',
  lossRatio: 'last over first train loss',
  largestDrop: 'largest drop of test accuracy',
  deadChannels: 'dead channels',
} as const;

/** Equal keys mean the same promise, perhaps with another target. */
export function keyOfTarget(target: Pick<Target, 'iteration' | 'metric' | 'operator'>): string {
  return `${target.iteration} / ${target.metric} ${target.operator}`;
}

/** The promise in a verdict, without what was measured. */
export function targetOf(verdict: Verdict): Target {
  return targetSchema.parse(verdict);
}

/**
 * "parameters < 8,000", "held test accuracy >= 99.4 %, epochs 6 to 15, min": all that a target says but whose it is. `sign` stands
 * for its operator.
 */
export function describeTarget(target: Target, sign: string = target.operator): string {
  const parts = [`${target.metric} ${sign} ${exactValue(target.target, target.unit)}`];
  if (target.from !== undefined) parts.push(`epochs ${target.from} to ${target.within ?? 'the last'}`);
  if (target.over !== strictestAggregation(target.operator)) parts.push(`${target.over} of the runs`);
  if (target.confidence) parts.push('beyond sampling error');
  if (target.onShare !== undefined) parts.push(`on ${exactValue(100 * target.onShare, '%')} of all seeds`);
  if (target.level !== 'error') parts.push(`level ${target.level}`);
  return parts.join(', ');
}

/** The aggregation that lets no run hide behind another: the smallest value for a lower bound, else the largest. */
export function strictestAggregation(operator: Operator): Aggregation {
  return operator === '<' || operator === '<=' ? 'max' : 'min';
}

/** A promised value with all its figures: 99.404 % and 99.396 % are not the same promise. */
function exactValue(value: number | string, unit: string): string {
  if (typeof value === 'string') return value;
  const grouped = withDecimals(value, MOST_DECIMALS);
  const text = Number(grouped.replaceAll(',', '')) === value ? grouped : String(value);
  return unit === '' ? text : `${text} ${unit}`;
}

/** Each number of decimals once: to make one takes longer than a thousand figures. */
const FORMATS = new Map<number, Intl.NumberFormat>();

/** "7,826" or "99.41", with at most that many decimals. */
function withDecimals(value: number, most: number): string {
  const format = FORMATS.get(most) ?? new Intl.NumberFormat('en-US', { maximumFractionDigits: most });
  FORMATS.set(most, format);
  return format.format(value);
}

/** As many as every version of `Intl.NumberFormat` takes. */
const MOST_DECIMALS = 20;
const DECIMALS_OF_PER_CENT = 2;

/** A value with its unit, for a person: "7,826", "99.41 %", "0.12 points". */
export function formatValue(value: number | string | null, unit: string): string {
  if (value === null) return 'not measured';
  if (typeof value === 'string') return value;
  const digits = unit === '%' || unit === 'points' ? DECIMALS_OF_PER_CENT : 3;
  const text = withDecimals(value, digits);
  return unit === '' ? text : `${text} ${unit}`;
}
