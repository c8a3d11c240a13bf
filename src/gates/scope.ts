import { GateError } from '../errors.ts';

/** Which of the locked targets this run owes, and why. */
export interface Scope {
  /** True with CI set: then every locked target is owed unless `iterations` says otherwise. */
  readonly ci: boolean;
  /** From GATE_SCOPE: the iterations that this leg of a matrix is for; empty: none is owed. */
  readonly iterations?: readonly string[];
  /** What narrowed the run: a filter by file, name, project, ...; empty for a full run. */
  readonly filters: readonly string[];
}

/**
 * Reads GATE_SCOPE: a list of iteration ids ("5-lr-scheduler,6-receptive-field") for a leg of a matrix; "shard" for a
 * `--shard` leg that a merge will judge; "none" for a leg without targets, such as the unit specs. Undefined: everything.
 */
export function parseScope(
  text: string | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const ids = text.split(',').map((id) => id.trim());
  if (ids.length === 1 && (ids[0] === 'none' || ids[0] === 'shard')) return [];
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length === 0) return ids;
  throw new GateError(
    `GATE_SCOPE names ${unknown.map((id) => `"${id}"`).join(', ')}, which the lock does not know. Give "none", "shard" or some of: ${known.join(', ')}.`,
  );
}
