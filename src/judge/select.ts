import { createHash } from 'node:crypto';

/** Which runs are trained again: those that the change brings, those and one an iteration that nobody can foresee, or all. */
export const replayModes = ['changed', 'drawn', 'all', 'none'] as const;
export type ReplayMode = (typeof replayModes)[number];

/** A run that could be replayed. */
export interface Candidate {
  readonly id: string;
  readonly seed: number;
  readonly changed: boolean;
}

/**
 * The runs to train again. The one that is drawn of an iteration follows from the hash of the commit, so that nobody knows
 * it before the commit exists. Pure.
 */
export function toReplay<C extends Candidate>(runs: readonly C[], commit: string, mode: ReplayMode): C[] {
  if (mode === 'none') return [];
  if (mode === 'all') return [...runs];
  const changed = runs.filter((run) => run.changed);
  if (mode === 'changed') return changed;
  const ids = [...new Set(runs.map(({ id }) => id))];
  const drawn = ids.flatMap((id) => {
    const unchanged = runs.filter((run) => run.id === id && !run.changed);
    return unchanged.length === 0 ? [] : [unchanged[draw(commit, id) % unchanged.length]!];
  });
  return runs.filter((run) => changed.includes(run) || drawn.includes(run));
}

/** A number below 2^48 out of the commit's hash and the iteration. */
function draw(commit: string, id: string): number {
  return createHash('sha256').update(`${commit}\n${id}`).digest().readUIntBE(0, 6);
}
