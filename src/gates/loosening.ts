import { z } from 'zod';
import { ExitCode, GateError } from '../errors.ts';
import { describeTarget, keyOfTarget, strictestAggregation } from './verdict.ts';
import type { Level, Target } from './verdict.ts';
import { commandLine } from '../command-line.ts';

/**
 * What a change does to the promises themselves. Loosened and removed targets are red unless a committed file
 * acknowledges exactly that change and says why.
 */

export const LOOSENED_FILE = 'spec/loosened.json';

export const acknowledgementSchema = z.strictObject({
  /** As printed: "5-lr-scheduler / held test accuracy >=". */
  target: z.string(),
  /** As printed: the promise before and after; "removed" for a target that is gone. */
  from: z.string(),
  to: z.string(),
  reason: z.string().trim().min(10, 'a reason of at least ten characters'),
});
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
const loosenedSchema = z.array(acknowledgementSchema);

/** Reads the file of acknowledgements; `file` is named in the error. */
export function parseAcknowledgements(text: string, file: string): Acknowledgement[] {
  try {
    return loosenedSchema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new GateError(
      `${file} cannot be read: ${what}\nIt is a list of { "target", "from", "to", "reason" }, with the words that "${commandLine('targets --base <revision>')}" prints.`,
      ExitCode.missing,
    );
  }
}

export interface TargetChange {
  /** Iteration, metric and operator: what stays the same. */
  readonly target: string;
  readonly kind: 'loosened' | 'removed' | 'tightened' | 'added';
  readonly from: string;
  readonly to: string;
  /** The reason, if the change is acknowledged. */
  readonly reason?: string;
}

/** Every difference between the targets of the base and those of the head. Pure. */
export function compareTargets(base: readonly Target[], head: readonly Target[]): TargetChange[] {
  const before = new Map(base.map((target) => [keyOfTarget(target), target]));
  const after = new Map(head.map((target) => [keyOfTarget(target), target]));
  const changes: TargetChange[] = [];
  for (const [key, from] of before) {
    const to = after.get(key);
    if (!to) changes.push({ target: key, kind: 'removed', from: describeTarget(from), to: 'removed' });
    else {
      const kind = direction(from, to);
      if (kind) changes.push({ target: key, kind, from: describeTarget(from), to: describeTarget(to) });
    }
  }
  for (const [key, to] of after) {
    if (!before.has(key)) changes.push({ target: key, kind: 'added', from: 'none', to: describeTarget(to) });
  }
  return changes;
}

export interface Acknowledged {
  /** The changes, those that are acknowledged with the reason. */
  readonly changes: readonly TargetChange[];
  /** One line each: entries that cover nothing any more. */
  readonly notices: readonly string[];
}

/**
 * Which changes the head's entries acknowledge. An entry covers one change, in exactly its words, and only in the change
 * that brings it: what the base has already was used up when it came in. Pure.
 */
export function acknowledge(
  changes: readonly TargetChange[],
  entries: { readonly base: readonly Acknowledgement[]; readonly head: readonly Acknowledgement[] },
): Acknowledged {
  const used = [...entries.base];
  const fresh = entries.head.filter((entry) => !takeOut(used, entry));
  const old = entries.head.length - fresh.length;
  const covered = changes.map((change) => {
    const entry = isLooser(change) ? takeOut(fresh, change) : undefined;
    return entry ? { ...change, reason: entry.reason } : change;
  });
  return {
    changes: covered,
    notices: [
      ...fresh.map(
        ({ target, from, to }) =>
          `${LOOSENED_FILE}: the entry for ${target} (${from} -> ${to}) covers no change: take it out, or correct its words.`,
      ),
      ...(old === 0
        ? []
        : [`${LOOSENED_FILE}: ${old} of the base no longer count: an entry covers one change, once.`]),
    ],
  };
}

type Words = Pick<Acknowledgement, 'target' | 'from' | 'to'>;

/** Removes the first that says the same, and returns it. */
function takeOut<T extends Words>(list: T[], { target, from, to }: Words): T | undefined {
  const at = list.findIndex((each) => each.target === target && each.from === from && each.to === to);
  return at === -1 ? undefined : list.splice(at, 1)[0];
}

/** The changes that make a gate red. */
export function unacknowledged<
  Change extends Pick<TargetChange, 'kind'> & { readonly reason?: string | undefined },
>(changes: readonly Change[]): Change[] {
  return changes.filter((change) => isLooser(change) && change.reason === undefined);
}

function isLooser({ kind }: Pick<TargetChange, 'kind'>): boolean {
  return kind === 'loosened' || kind === 'removed';
}

const STRICTNESS: Readonly<Record<Level, number>> = { off: 0, warn: 1, error: 2 };

/** Undefined: unchanged. One looser part makes the whole looser, whatever the others do. */
function direction(from: Target, to: Target): 'loosened' | 'tightened' | undefined {
  const steps = [
    valueStep(from, to),
    STRICTNESS[to.level] - STRICTNESS[from.level],
    aggregationStep(from, to),
    (from.from ?? 1) - (to.from ?? 1),
    (to.within ?? Infinity) === (from.within ?? Infinity)
      ? 0
      : (to.within ?? Infinity) - (from.within ?? Infinity),
    Number(to.confidence ?? false) - Number(from.confidence ?? false),
    // Without a share every run has to keep it.
    (to.onShare ?? 1) - (from.onShare ?? 1),
  ];
  if (steps.some((step) => step < 0)) return 'loosened';
  return steps.some((step) => step > 0) ? 'tightened' : undefined;
}

/** Below zero: looser. A changed equality or unit is neither, and counts as looser: somebody has to say why. */
function valueStep(from: Target, to: Target): number {
  if (from.target === to.target && from.unit === to.unit) return 0;
  if (typeof from.target !== 'number' || typeof to.target !== 'number' || from.unit !== to.unit) return -1;
  if (from.operator === '==') return -1;
  const change = to.target - from.target;
  return from.operator === '<' || from.operator === '<=' ? -change : change;
}

/** Any step away from the strictest aggregation, and any between the others, counts as looser. */
function aggregationStep(from: Target, to: Target): number {
  if (from.over === to.over) return 0;
  return to.over === strictestAggregation(to.operator) ? 1 : -1;
}
