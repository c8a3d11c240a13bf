import { GateError } from '../errors.ts';
import { type Fact, valueOr } from '../fact.ts';
import { percent } from '../record.ts';
import { describeMean, judgeShare } from './over-seeds.ts';
import { remedyFor } from './remedies.ts';
import { formatValue } from './verdict.ts';
import type { Aggregation, Operator, RowProvenance, Target, Verdict } from './verdict.ts';
import { wilson } from './wilson.ts';

/** What was measured for one target: one value a run, in the target's unit. */
export type Measurement = {
  readonly provenance: RowProvenance;
  readonly detail?: string;
} & (
  | { readonly values: readonly (number | string | null)[] }
  /** One an evidence's run; where one is unknown nothing is judged. */
  | { readonly facts: readonly Fact<number | string>[] }
  /** Accuracies, one pair a run: judged on whole images, so that 99.4 % of 10,000 means 9,940 of them. */
  | { readonly images: readonly (readonly [correct: number, total: number])[] }
);

/** Compares what was measured with what was promised. Pure; never throws for a target that is not met. */
export function judge(target: Target, measurement: Measurement, title: string): Verdict {
  const result = resultOf(target, measurement);
  const status = result.status === 'fail' && target.level === 'warn' ? 'warn' : result.status;
  return {
    ...target,
    ...result,
    status,
    aggregation: result.values.length === 1 ? 'single run' : target.over,
    provenance: measurement.provenance,
    title,
    ...(result.detail === undefined && measurement.detail !== undefined
      ? { detail: measurement.detail }
      : {}),
    remedy: status === 'pass' ? '' : remedyFor(target.metric),
  };
}

type Result = Pick<Verdict, 'actual' | 'values' | 'status'> & Partial<Verdict>;

function resultOf(target: Target, measurement: Measurement): Result {
  const whole = plainResult(target, measurement);
  if (target.onShare === undefined || whole.status === 'error') return whole;
  const kept = runsOf(measurement).map((run) => plainResult(target, run).status === 'pass');
  // How far the worst run is from the mark decides nothing here.
  const { marginImages: _, ...rest } = whole;
  return { ...rest, ...judgeShare(target.onShare, kept) };
}

/** The measurement of every run for itself. */
function runsOf(measurement: Measurement): Measurement[] {
  const { provenance } = measurement;
  if ('images' in measurement) return measurement.images.map((each) => ({ provenance, images: [each] }));
  if ('values' in measurement) return measurement.values.map((each) => ({ provenance, values: [each] }));
  return measurement.facts.map((each) => ({ provenance, facts: [each] }));
}

function plainResult(target: Target, measurement: Measurement): Result {
  if ('images' in measurement) return judgeImages(target, measurement.images);
  if ('values' in measurement) return judgeValues(target, measurement.values);
  const { facts } = measurement;
  const missing = facts.find((fact) => !fact.known);
  const values = facts.map((fact) => valueOr(fact, null));
  if (missing === undefined) return judgeValues(target, values);
  return { actual: null, values, status: 'error', detail: `${target.metric} unknown: ${missing.reason}` };
}

function judgeImages(target: Target, images: readonly (readonly [correct: number, total: number])[]): Result {
  if (typeof target.target !== 'number')
    throw new GateError(`${target.metric}: an accuracy is compared with a number.`);
  const correct = images.map(([count]) => count);
  const total = images[0]![1];
  const judged = aggregate(correct, target.over);
  const marginImages = margin(judged, target.operator, target.target, total);
  const interval = wilson(judged, total);
  const sure =
    target.operator === '<' || target.operator === '<='
      ? interval.high <= target.target
      : interval.low >= target.target;
  const met = marginImages >= 0;
  const values = correct.map((count) => percent(count, total));
  const mean = target.over === 'mean' ? describeMean(values, target.unit) : undefined;
  return {
    ...(mean === undefined ? {} : { detail: mean }),
    actual: percent(judged, total),
    values,
    interval,
    marginImages: tidy(marginImages),
    total,
    status: !met ? 'fail' : target.confidence && !sure ? 'inconclusive' : 'pass',
  };
}

/** Floats such as 99.4 / 100 x 10,000 are a hair off the whole number of images they stand for. */
const HAIR = 1e-6;

/** Images to spare between `correct` and the last count that still meets the target; negative: images missing. */
function margin(correct: number, operator: Operator, perCent: number, total: number): number {
  const line = (perCent * total) / 100;
  switch (operator) {
    case '>=':
      return correct - Math.ceil(line - HAIR);
    case '>':
      return correct - (Math.floor(line + HAIR) + 1);
    case '<=':
      return Math.floor(line + HAIR) - correct;
    case '<':
      return Math.ceil(line - HAIR) - 1 - correct;
    case '==':
      return -Math.abs(correct - Math.round(line));
  }
}

function judgeValues(target: Target, measured: readonly (number | string | null)[]): Result {
  const values = measured.map((value) => (typeof value === 'number' ? finiteOrNull(value) : value));
  const unmet = values.find(
    (value) => value === null || (target.operator === '==' && value !== target.target),
  );
  if (unmet !== undefined) return { actual: unmet, values, status: 'fail' };
  if (target.operator === '==') return { actual: target.target, values, status: 'pass' };
  const { target: wanted } = target;
  if (typeof wanted !== 'number') throw new GateError(`${target.metric}: text can only be compared with ==.`);
  const actual = tidy(aggregate(values as number[], target.over));
  return { actual, values, status: holds(actual, target.operator, wanted) ? 'pass' : 'fail' };
}

function holds(actual: number, operator: Exclude<Operator, '=='>, target: number): boolean {
  switch (operator) {
    case '<':
      return actual < target;
    case '<=':
      return actual <= target;
    case '>=':
      return actual >= target;
    case '>':
      return actual > target;
  }
}

/** The one value that stands for several. */
function aggregate(values: readonly number[], over: Aggregation): number {
  if (values.length === 0) throw new GateError('An evidence needs at least one run; this one has none.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  switch (over) {
    case 'min':
      return sorted[0]!;
    case 'max':
      return sorted.at(-1)!;
    case 'median':
      return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? tidy(value) : null;
}

/** Takes off the float dust of a difference of percentages, so that 0.1 points are 0.1 points. */
function tidy(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

/** "99.41 % (1 image to spare of 10,000; 95 % interval 99.24 to 99.54 %)": what was measured, as a sentence part. */
export function describeActual(verdict: Verdict): string {
  const parts: string[] = [];
  if (verdict.marginImages !== undefined && verdict.total !== undefined) {
    const images = Math.abs(verdict.marginImages);
    const spare = verdict.marginImages < 0 ? 'missing' : 'to spare';
    parts.push(
      `${formatValue(images, '')} ${images === 1 ? 'image' : 'images'} ${spare} of ${formatValue(verdict.total, '')}`,
    );
  }
  if (verdict.interval) {
    parts.push(`95 % interval ${verdict.interval.low.toFixed(2)} to ${verdict.interval.high.toFixed(2)} %`);
  }
  if (verdict.aggregation !== 'single run')
    parts.push(`${verdict.aggregation} of ${verdict.values.length} runs`);
  if (verdict.detail !== undefined) parts.push(verdict.detail);
  const actual = formatValue(verdict.actual, verdict.unit);
  return parts.length === 0 ? actual : `${actual} (${parts.join('; ')})`;
}
