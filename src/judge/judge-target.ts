import { GateError } from '../errors.ts';
import type { TargetOptions } from '../gates/judge.ts';
import * as stock from '../gates/stock-targets.ts';
import { describeTarget, keyOfTarget, Metric } from '../gates/verdict.ts';
import type { Target, Verdict } from '../gates/verdict.ts';
import type { Evidence } from '../record.ts';

type Judge = (evidence: Evidence, target: Target, options: TargetOptions) => Verdict | readonly Verdict[];

/** Which pure gate judges a metric, from the target as the lock has it. */
const JUDGES: Readonly<Record<string, Judge>> = {
  [Metric.parameters]: (evidence, target, options) =>
    stock.judgeParameters(evidence, target.operator, numberOf(target), options),
  [Metric.multiplyAdds]: (evidence, target, options) =>
    stock.judgeMultiplyAdds(evidence, target.operator, numberOf(target), options),
  [Metric.receptiveField]: (evidence, target, options) =>
    stock.judgeReceptiveField(evidence, target.operator, numberOf(target), options),
  [Metric.receptiveFieldTable]: (evidence, target, options) =>
    stock.judgeReceptiveFieldDigest(evidence, String(target.target), options),
  [Metric.finalTestAccuracy]: (evidence, target, options) =>
    stock.judgeFinalTestAccuracy(evidence, target.operator, numberOf(target), options),
  [Metric.finalTrainAccuracy]: (evidence, target, options) =>
    stock.judgeFinalTrainAccuracy(evidence, target.operator, numberOf(target), options),
  [Metric.heldTestAccuracy]: (evidence, target, options) =>
    stock.judgeHeldTestAccuracy(evidence, numberOf(target), {
      ...options,
      from: target.from ?? 1,
      within: target.within ?? evidence.runs[0]!.epochs.length,
    }),
  [Metric.gap]: (evidence, target, options) =>
    stock.judgeGap(evidence, target.operator, numberOf(target), options),
  [Metric.overMajority]: learning,
  [Metric.nonFiniteLosses]: learning,
  [Metric.lossRatio]: learning,
  [Metric.largestDrop]: (evidence, target, options) =>
    stock.judgeLargestDrop(evidence, numberOf(target), { ...options, from: target.from ?? 1 }),
  [Metric.deadChannels]: (evidence, target, options) =>
    stock.judgeDeadChannels(evidence, target.operator, numberOf(target), options),
};

/** Judges a promise as the lock has it. Throws GateError for one that no gate of this version knows. */
export function judgeTarget(target: Target, evidence: Evidence): Verdict {
  const [, metric = '', label] = /^(.*?)(?: \((.*)\))?$/.exec(target.metric) ?? [];
  const judge = JUDGES[metric];
  const options = {
    level: target.level,
    over: target.over,
    ...(target.confidence ? { confidence: true } : {}),
    ...(label === undefined ? {} : { label }),
  };
  const rows = judge ? [judge(evidence, target, options)].flat() : [];
  const row = rows.find((each) => keyOfTarget(each) === keyOfTarget(target));
  if (row) return row;
  throw new GateError(`No gate of this version judges "${describeTarget(target)}".`);
}

function learning(evidence: Evidence, target: Target, options: TargetOptions): Verdict[] {
  const mark = numberOf(target);
  return stock.judgeLearning(evidence, { margin: mark, lossRatio: mark }, options);
}

function numberOf(target: Target): number {
  if (typeof target.target === 'number') return target.target;
  throw new GateError(`"${describeTarget(target)}" compares with text where a number is expected.`);
}
