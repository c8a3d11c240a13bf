import { ExitCode } from '../errors.ts';
import { isRed } from './exit-code.ts';
import type { ErrorFact, RunFacts, TestFact } from './facts.ts';
import { refuseUndeclared } from './declared-seeds.ts';
import { LOCK_FILE } from './manifest.ts';
import type { Lock, LockedTarget } from './manifest.ts';
import { refuseDivided } from './recount.ts';
import { remedyFor, StateRemedy } from './remedies.ts';
import type { Scope } from './scope.ts';
import { describeTarget, keyOfTarget, targetOf, targetSchema } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { commandLine } from '../command-line.ts';

export interface Settled {
  /** Every row that this run owes: measured ones, and a row for each that is missing. */
  readonly rows: readonly Verdict[];
  /** Locked targets that this run was not asked for. */
  readonly notAsked: number;
  /** One line each, for a person. */
  readonly notices: readonly string[];
}

export interface Settling {
  readonly facts: RunFacts;
  readonly lock: Lock | undefined;
  readonly scope: Scope;
  /** Source of a spec file; undefined if there is none (deleted or renamed). */
  readonly sourceOf: (spec: string) => string | undefined;
}

/**
 * Holds what was measured against what was promised: rows that do not count become refused, promises without a row
 * become missing. Pure.
 */
export function settle({ facts, lock, scope, sourceOf }: Settling): Settled {
  const locked = new Map((lock?.targets ?? []).map((target) => [keyOfTarget(target), target]));
  const seen = new Map<string, TestFact>();
  const rows: Verdict[] = [];
  const unlocked: Verdict[] = [];
  for (const fact of facts.tests) {
    for (const verdict of fact.verdicts) {
      const key = keyOfTarget(verdict);
      const promise = locked.get(key);
      if (!promise) unlocked.push(verdict);
      rows.push(
        seen.has(key)
          ? declaredTwice(verdict, fact, seen.get(key)!)
          : countable(verdict, fact, promise, scope),
      );
      seen.set(key, fact);
    }
  }
  const owed = [...locked.values()].filter((target) => !seen.has(keyOfTarget(target)));
  const missing = owed.filter((target) => isOwed(target, facts, scope));
  const evidences = facts.tests.flatMap((test) => test.evidences);
  const judged = refuseUndeclared(refuseDivided(rows, evidences), evidences, lock?.seeds ?? {});
  judged.push(...missing.map((target) => missingRow(target, facts, sourceOf)));
  const notAsked = owed.length - missing.length;
  return { rows: judged, notAsked, notices: noticesOf(lock, unlocked, notAsked, scope) };
}

function declaredTwice(verdict: Verdict, fact: TestFact, before: TestFact): Verdict {
  const same = fact !== before && fact.spec === before.spec && fact.test === before.test;
  const detail = same ? `declared twice: ${fact.spec} ran in two Vitest projects` : 'declared twice';
  return refuse(verdict, detail, StateRemedy.duplicate);
}

function countable(
  verdict: Verdict,
  fact: TestFact,
  promise: LockedTarget | undefined,
  scope: Scope,
): Verdict {
  if (verdict.status === 'refused') return verdict;
  if (fact.retries > 0) return refuse(verdict, `may be retried ${fact.retries} times`, StateRemedy.retry);
  if (fact.attempts > 1) return refuse(verdict, `measured ${fact.attempts} times over`, StateRemedy.repeated);
  if (!promise && scope.ci) return refuse(verdict, `not in ${LOCK_FILE}`, StateRemedy.update);
  if (promise && !sameTarget(promise, verdict)) {
    const says = `${LOCK_FILE} says ${describeTarget(promise)}, the spec ${describeTarget(verdict)}`;
    return refuse(verdict, says, StateRemedy.update);
  }
  if (isBelieved(verdict, fact) && scope.ci) {
    return { ...verdict, status: 'error', detail: 'recorded, not re-measured', remedy: StateRemedy.recorded };
  }
  return verdict;
}

/** True where nothing of the evidence was measured just now; epochs before the last are always the record's word. */
function isBelieved({ iteration, provenance }: Verdict, { evidences }: TestFact): boolean {
  const evidence = evidences.find(({ id }) => id === iteration);
  return provenance === 'recorded' && evidence?.provenance !== 're-evaluated';
}

function refuse(verdict: Verdict, detail: string, remedy: string): Verdict {
  return { ...verdict, status: 'refused', detail, remedy };
}

function sameTarget(promise: LockedTarget, verdict: Verdict): boolean {
  return JSON.stringify(targetSchema.parse(promise)) === JSON.stringify(targetOf(verdict));
}

/** Locally a filtered run owes only what it was asked for; in CI a run owes everything but what GATE_SCOPE leaves to others. */
function isOwed(target: LockedTarget, facts: RunFacts, scope: Scope): boolean {
  if (scope.iterations) return scope.iterations.includes(target.iteration);
  if (scope.ci || scope.filters.length === 0) return true;
  const ran = facts.modules.some((module) => module.spec === target.spec);
  return ran && factOf(target, facts)?.asked !== false;
}

function factOf(target: LockedTarget, facts: RunFacts): TestFact | undefined {
  return facts.tests.find((fact) => fact.spec === target.spec && fact.test === target.test);
}

function missingRow(target: LockedTarget, facts: RunFacts, sourceOf: Settling['sourceOf']): Verdict {
  const { status, detail, remedy } = whyMissing(target, facts, sourceOf);
  return {
    ...targetSchema.parse(target),
    actual: null,
    values: [],
    aggregation: 'single run',
    status,
    provenance: 'recorded',
    title: `${target.iteration} promises ${describeTarget(target)}`,
    detail,
    remedy,
    location: { file: target.spec, line: 1 },
  };
}

type Why = Pick<Verdict, 'status'> & { readonly detail: string; readonly remedy: string };

function whyMissing(target: LockedTarget, facts: RunFacts, sourceOf: Settling['sourceOf']): Why {
  const { spec, test } = target;
  const source = sourceOf(spec);
  const module = facts.modules.find((candidate) => candidate.spec === spec);
  if (!module) {
    return source === undefined
      ? missing(`${spec} is gone: deleted or renamed`, `Bring it back. ${StateRemedy.update}`)
      : missing(
          `${spec} did not run: left out by a filter, or its shard is lost`,
          'Run it, or merge the blob of every shard; a leg that is for other iterations says so in GATE_SCOPE.',
        );
  }
  if (module.error) return threw(spec, module.error, target);
  const fact = factOf(target, facts);
  if (!fact) return missing(`"${test}" is no longer in ${spec}: deleted or renamed`, StateRemedy.update);
  if (fact.error && fact.verdicts.some(isRed)) {
    // Red already, for the reason that the row before it names; nothing was bypassed.
    return {
      status: 'fail',
      detail: `not measured: "${test}" ended at a target before it`,
      remedy: 'Meet that one first.',
    };
  }
  if (fact.error) return threw(`"${test}"`, fact.error, target);
  if (fact.todo) return missing(`"${test}" is a todo`, 'Write the test, or take the target out of the lock.');
  if (fact.state === 'skipped') {
    const only = source !== undefined && /\.only\s*\(/.test(source);
    return only && fact.asked
      ? missing(`"${test}" was left out by a .only in ${spec}`, 'Take the .only away.')
      : missing(`"${test}" was skipped`, 'Take the skip (test.skip, describe.skip, a filter by name) away.');
  }
  if (fact.state === 'pending')
    return missing(`"${test}" did not end: the run was interrupted`, 'Run it to its end.');
  return missing(`"${test}" passed without measuring it`, StateRemedy.update);
}

function missing(detail: string, remedy: string): Why {
  return { status: 'missing', detail, remedy };
}

/**
 * A GateError says that the figures could not be had (no data, no backend), or that those found do not count (a record
 * changed by hand); anything else is a broken spec.
 */
function threw(what: string, error: ErrorFact, target: LockedTarget): Why {
  const firstLine = error.message.split('\n')[0]!;
  if (error.name !== 'GateError') {
    return {
      status: 'missing',
      detail: `${what} threw before it measured: ${firstLine}`,
      remedy: `Mend the spec first. ${remedyFor(target.metric)}`,
    };
  }
  return error.exitCode === ExitCode.missing
    ? { status: 'refused', detail: firstLine, remedy: error.message }
    : { status: 'error', detail: `could not be measured: ${firstLine}`, remedy: error.message };
}

function noticesOf(
  lock: Lock | undefined,
  unlocked: readonly Verdict[],
  notAsked: number,
  scope: Scope,
): string[] {
  const notices: string[] = [];
  if (!lock && unlocked.length > 0) {
    notices.push(
      `no ${LOCK_FILE}: nothing guards against targets that vanish. Run "${commandLine('targets --update')}".`,
    );
  } else if (unlocked.length > 0 && !scope.ci) {
    notices.push(
      `${unlocked.length} new in the specs and not in ${LOCK_FILE}: run "${commandLine('targets --update')}".`,
    );
  }
  if (notAsked > 0) {
    const why = scope.iterations
      ? `GATE_SCOPE: ${scope.iterations.join(', ') || 'none'}`
      : scope.filters.join(', ');
    notices.push(`partial run (${why}): ${notAsked} targets not asked for.`);
  }
  return notices;
}
