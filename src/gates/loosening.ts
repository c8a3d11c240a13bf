import { z } from 'zod';
import { describeTarget, keyOfTarget, strictestAggregation } from './verdict.ts';
import type { Level, Target } from './verdict.ts';

/**
 * What a change does to the promises themselves. Loosened and removed targets are red unless a committed file
 * acknowledges exactly that change and says why.
 */

export const LOOSENED_FILE = 'spec/loosened.json';

export const acknowledgementSchema = z.object({
  /** As printed: "5-lr-scheduler / held test accuracy >=". */
  target: z.string(),
  /** As printed: the promise before and after; "removed" for a target that is gone. */
  from: z.string(),
  to: z.string(),
  reason: z.string().min(10, 'a reason of at least ten characters'),
});
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
export const loosenedSchema = z.array(acknowledgementSchema);

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
export function compareTargets(
  base: readonly Target[],
  head: readonly Target[],
  acknowledged: readonly Acknowledgement[] = [],
): TargetChange[] {
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
  return changes.map((change) => {
    const match = acknowledged.find(
      (entry) => entry.target === change.target && entry.from === change.from && entry.to === change.to,
    );
    return match ? { ...change, reason: match.reason } : change;
  });
}

/** The changes that make a gate red. */
export function unacknowledged<
  Change extends Pick<TargetChange, 'kind'> & { readonly reason?: string | undefined },
>(changes: readonly Change[]): Change[] {
  return changes.filter(
    ({ kind, reason }) => (kind === 'loosened' || kind === 'removed') && reason === undefined,
  );
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
