import type { RunRecord } from '../record.ts';
import { parseSeeds } from '../study/seeds.ts';
import type { TargetChange } from './loosening.ts';

/**
 * Runs that the base has and the head has not, or not comparably: a bad seed must not be dropped, renamed or measured on
 * other data without a reason given. `promised`: the iterations that the head still promises something of; where all
 * targets are gone, that is red already. Pure.
 */
export function lostRuns(
  base: readonly RunRecord[],
  head: readonly RunRecord[],
  promised: ReadonlySet<string>,
): TargetChange[] {
  return base
    .filter(({ id }) => promised.has(id))
    .flatMap((before): TargetChange[] => {
      const now = head.find((run) => isSameRun(run, before));
      const target = `${before.id} / ${nameOf(before)}`;
      if (!now) return [{ target, kind: 'removed', from: 'recorded', to: 'removed' }];
      const [from, to] = [conditionsOf(before), conditionsOf(now)];
      return from === to ? [] : [{ target, kind: 'loosened', from, to }];
    });
}

/** True for two records of one run: of the same iteration, seed and backend. */
export function isSameRun(a: RunRecord, b: RunRecord): boolean {
  return a.id === b.id && a.seed === b.seed && a.backend.name === b.backend.name;
}

function nameOf({ seed, backend }: RunRecord): string {
  return `record of seed ${seed} on ${backend.name}`;
}

/** Figures measured under other conditions, or by other arithmetic, cannot be compared. */
function conditionsOf({ data, epochs, engine }: RunRecord): string {
  const set = `${data.name} ${data.sha256.slice(0, 12)}, ${data.test} test images`;
  return `${set}, ${epochs.length} epochs, engine ${engine.name} ${engine.version}`;
}

/** Seeds that the base declares and the head does not any more. Pure. */
export function lostSeeds(
  base: Readonly<Record<string, string>>,
  head: Readonly<Record<string, string>>,
  promised: ReadonlySet<string>,
): TargetChange[] {
  return Object.entries(base).flatMap(([id, from]): TargetChange[] => {
    const to = head[id];
    if (!promised.has(id) || to === from) return [];
    const left = to === undefined ? [] : parseSeeds(to);
    const fewer = parseSeeds(from).some((seed) => !left.includes(seed));
    return [{ target: `${id} / seeds`, kind: fewer ? 'loosened' : 'tightened', from, to: to ?? 'none' }];
  });
}
