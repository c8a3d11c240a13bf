import { ExitCode, GateError } from '../errors.ts';
import { percent } from '../record.ts';
import type { Evidence } from '../record.ts';
import { judge } from './judge.ts';
import { metreOf } from './metrics.ts';
import { StateRemedy } from './remedies.ts';
import { describeTarget, Metric } from './verdict.ts';
import type { Target, Verdict } from './verdict.ts';

/**
 * The one judge: what an evidence makes of a promise. Matchers, reporter, page, README and the judge outside the test run
 * all ask it. Pure. Throws GateError for a target that no metric of this version knows.
 */
export function judgeTarget(target: Target, evidence: Evidence): Verdict {
  const metre = metreOf(target);
  if (metre === undefined) {
    throw new GateError(`No gate of this version judges "${describeTarget(target)}".`, ExitCode.missing);
  }
  const title = `${evidence.name} ${metre.sentence(target)}`;
  const fault = faultOf(target, evidence);
  return fault === undefined
    ? judge(target, metre.measure(evidence, target), title)
    : refused(target, title, fault);
}

/** Test inputs that are training inputs, of all test inputs: above this an accuracy says little of new images. */
const MOST_REPEATED = 0.001;

const FROM_THE_MODEL: ReadonlySet<string> = new Set([
  Metric.parameters,
  Metric.multiplyAdds,
  Metric.receptiveField,
  Metric.receptiveFieldTable,
]);

/** Why these runs are no evidence for the target; undefined if they are. */
function faultOf(target: Target, { id, runs }: Evidence): string | undefined {
  if (id !== target.iteration) return `the evidence is of ${id}, not of ${target.iteration}`;
  if (runs.length === 0) return 'the evidence has no run';
  const stranger = runs.find((run) => run.id !== id);
  if (stranger) return `the evidence of ${id} holds a run of ${stranger.id}`;
  const seeds = runs.map(({ seed }) => seed);
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) return `seed ${twice} is there twice`;
  if (new Set(runs.map(({ fingerprint }) => fingerprint)).size > 1) {
    return `its runs are of different networks, recipes or data under one id`;
  }
  if (FROM_THE_MODEL.has(target.metric.replace(/ \(.*\)$/, ''))) return undefined;
  const totals = new Set(runs.map(({ data }) => data.test));
  if (totals.size > 1) return `its runs were measured on ${[...totals].join(' and ')} images`;
  const { repeated, test } = runs[0]!.data;
  return repeated > MOST_REPEATED * test
    ? `${repeated} of ${test} test inputs also are training inputs (${percent(repeated, test).toFixed(2)} %, at most ${100 * MOST_REPEATED} %)`
    : undefined;
}

function refused(target: Target, title: string, detail: string): Verdict {
  return {
    ...target,
    actual: null,
    values: [],
    aggregation: 'single run',
    status: 'refused',
    provenance: 'recorded',
    title,
    detail,
    remedy: StateRemedy.evidence,
  };
}
