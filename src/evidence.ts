import type { Evidence } from './record.ts';

/**
 * Which evidences are ones: made by this project from a model and data, frozen, and known by identity. A copy, a spread or
 * an object of the same form is none.
 */

const issued = new WeakSet<object>();

/** Freezes an evidence to its last leaf and remembers it. For whoever measured it. */
export function issue(evidence: Evidence): Evidence {
  freeze(evidence);
  issued.add(evidence);
  return evidence;
}

/** True of an evidence that `issue` gave. */
export function isIssued(value: unknown): value is Evidence {
  return typeof value === 'object' && value !== null && issued.has(value);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const entry of Object.values(value)) freeze(entry);
}
