import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { GateError, ExitCode } from '../errors.ts';
import type { RunFacts, TestFact } from './facts.ts';
import { keyOfTarget, targetOf, targetSchema } from './verdict.ts';
import { commandLine } from '../command-line.ts';

/**
 * The lock file: every target that the specs declare, committed beside them. A run is compared with it, so that a
 * target cannot vanish (skipped, deleted, lost with a shard) or change without a trace.
 */

export const LOCK_FILE = 'spec/targets.lock.json';
export const LOCK_SCHEMA = 'codecodecode/targets@1';

/** Strict: a word that is not known may be a promise that is not kept. */
export const lockedTargetSchema = targetSchema
  .extend({
    /** Where it was declared when the lock was written. */
    spec: z.string(),
    test: z.string(),
  })
  .strict();
export type LockedTarget = z.infer<typeof lockedTargetSchema>;

export const lockSchema = z.strictObject({
  schema: z.literal(LOCK_SCHEMA),
  targets: z.array(lockedTargetSchema),
  /** Which seeds each iteration is judged on: "1-20"; a run less or more is red. */
  seeds: z.record(z.string(), z.string()).optional(),
});
export type Lock = z.infer<typeof lockSchema>;

/** Reads a lock from its text; `file` is named in the error. */
export function parseLock(text: string, file: string): Lock {
  const json = parseJson(text, file);
  const parsed = lockSchema.safeParse(json);
  // The schema drops a key such as __proto__ where it takes any.
  if (parsed.success && !isDeepStrictEqual(parsed.data, json)) {
    throw new GateError(
      `${file} holds words that are not known. Do not edit it by hand; run "${commandLine('targets --update')}".`,
      ExitCode.missing,
    );
  }
  if (parsed.success) {
    const keys = parsed.data.targets.map(keyOfTarget);
    const twice = keys.find((key, i) => keys.indexOf(key) !== i);
    if (twice === undefined) return parsed.data;
    throw new GateError(
      `${file} promises "${twice}" twice: which of the two counts cannot be told. Run "${commandLine('targets --update')}".`,
      ExitCode.missing,
    );
  }
  throw new GateError(
    `${file} is not a lock of targets: ${z.prettifyError(parsed.error)}\nDo not edit it by hand; run "${commandLine('targets --update')}".`,
    ExitCode.missing,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GateError(
      `${file} is not JSON. Take it from the last commit (git checkout -- ${file}).`,
      ExitCode.missing,
    );
  }
}

/**
 * The lock of a full run, in the order of iteration, metric and operator; `declared`: seeds by iteration, kept where something is promised.
 * Throws if any test of the run did not get as far as its targets, or one of `before` has none any more: they would be
 * dropped without a word.
 */
export function lockOf(
  facts: RunFacts,
  before?: Lock,
  declared: Readonly<Record<string, string>> = before?.seeds ?? {},
): Lock {
  const silent = [
    ...facts.modules
      .filter((module) => module.error)
      .map((module) => `${module.spec}: ${module.error!.message}`),
    ...silentTests(facts.tests.filter((fact) => saysNothing(fact, before))),
  ];
  if (silent.length > 0) {
    throw new GateError(
      `The lock is made from a run in which every test reaches its targets; these did not:\n${silent.join('\n')}\nMend or delete them, then run "${commandLine('targets --update')}" again.`,
      ExitCode.missing,
    );
  }
  const targets = facts.tests.flatMap(({ spec, test, verdicts }) =>
    verdicts.map((verdict) => ({ ...targetOf(verdict), spec, test })),
  );
  const keys = targets.map(keyOfTarget);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    throw new GateError(
      `Declared twice: ${twice}. Keep one, or tell them apart with the option "label".`,
      ExitCode.missing,
    );
  }
  const promised = new Set(targets.map(({ iteration }) => iteration));
  const seeds = Object.entries(declared).filter(([iteration]) => promised.has(iteration));
  return {
    schema: LOCK_SCHEMA,
    ...(seeds.length === 0 ? {} : { seeds: Object.fromEntries(seeds) }),
    targets: targets.toSorted((a, b) => compare(keyOfTarget(a), keyOfTarget(b))),
  };
}

/** A line a test; those of a spec that one error ended, such as that of a hook, share one. */
function silentTests(facts: readonly TestFact[]): string[] {
  const causeOf = ({ spec, error }: TestFact) => error && `${spec}: ${error.message.split('\n', 1)[0]}`;
  const lines = facts.map((fact) => {
    const cause = causeOf(fact);
    const sharing = facts.filter((each) => cause !== undefined && causeOf(each) === cause).length;
    return sharing > 1
      ? `${cause} (${sharing} tests)`
      : `${fact.spec}: "${fact.test}" ${fact.todo ? 'todo' : fact.state}${fact.error === undefined ? '' : `: ${fact.error.message}`}`;
  });
  return [...new Set(lines)];
}

/** A test that failed may hold targets behind the point where it ended; one that passes without a row may have lost its own. */
function saysNothing(fact: TestFact, before: Lock | undefined): boolean {
  if (fact.state !== 'passed') return true;
  const had = before?.targets.some(({ spec, test }) => spec === fact.spec && test === fact.test);
  return fact.verdicts.length === 0 && had === true;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
