import { percent } from '../record.ts';
import { type McNemar, mcNemar } from '../statistics/mcnemar.ts';
import { type PairedDifference, pairedDifference } from '../statistics/spread.ts';
import type { Study } from './schema.ts';

/** A study beside an earlier one, on the same test images. */
export interface StudyComparison {
  /** Final test accuracy, head minus base, over the seeds of both; points. */
  readonly paired: PairedDifference;
  /** Of the smallest seed of both, image by image. */
  readonly single: McNemar & { readonly seed: number };
}

/** Undefined where the two share no seed or were measured on other data. Pure. */
export function compareStudies(base: Study, head: Study): StudyComparison | undefined {
  if (base.data.sha256 !== head.data.sha256) return undefined;
  const paired = pairedDifference(finals(base), finals(head));
  const before = base.runs.find(({ seed }) => head.runs.some((run) => run.seed === seed));
  const after = head.runs.find(({ seed }) => seed === before?.seed);
  if (paired === undefined || before === undefined || after === undefined) return undefined;
  const wrong = ({ mistakes }: Study['runs'][number]) => mistakes.map(([image]) => image);
  return { paired, single: { ...mcNemar(wrong(before), wrong(after)), seed: before.seed } };
}

function finals({ runs, data }: Study): Map<number, number> {
  return new Map(runs.map(({ seed, testCorrect }) => [seed, percent(testCorrect.at(-1)!, data.test)]));
}

/** "+0.032 points over 20 seeds (95 % interval +0.011 to +0.053); seed 1: 9 images won, 5 lost (McNemar p 0.424)". */
export function describeComparison({ paired, single }: StudyComparison): string {
  const { pairs, mean, interval } = paired;
  const range = interval ? ` (95 % interval ${signed(interval.low)} to ${signed(interval.high)})` : '';
  const { seed, won, lost, p } = single;
  return `${signed(mean)} points over ${pairs} ${pairs === 1 ? 'seed' : 'seeds'}${range}; seed ${seed}: ${won} images won, ${lost} lost (McNemar p ${p.toFixed(3)})`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
}
