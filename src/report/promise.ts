import { describeTarget, formatValue, Metric } from '../gates/verdict.ts';
import type { Target } from '../gates/verdict.ts';

/** Promises as a person reads them; `describeTarget` is what the lock and the acknowledgements go by. */

const SIGNS: Readonly<Record<string, string>> = { '<=': '≤', '>=': '≥', '==': '=' };

/**
 * "held test accuracy ≥ 99.4 %, epochs 6 to 15". `peers` are the targets of the same iteration: they tell the size of the
 * field that a published table ends with.
 */
export function promiseOf(target: Target, peers: readonly Target[] = []): string {
  if (target.metric.startsWith(Metric.receptiveFieldTable)) return tablePromise(target, peers);
  return describeTarget(target, SIGNS[target.operator]);
}

/** "8 rows, 8390c8f24130" is a hash for machines; for people the number of layers and the field say which table it is. */
function tablePromise({ metric, target, level }: Target, peers: readonly Target[]): string {
  const layers = /^\d+(?= rows)/.exec(String(target))?.[0];
  const field = peers.find((peer) => peer.metric === Metric.receptiveField && peer.operator === '==');
  const about = [
    ...(layers === undefined ? [] : [`${layers} layers`]),
    ...(field === undefined ? [] : [formatValue(field.target, field.unit)]),
  ];
  const which = about.length === 0 ? '' : ` (${about.join(', ')})`;
  const label = metric.slice(Metric.receptiveFieldTable.length);
  return `receptive field as in the published table${which}${label}${level === 'error' ? '' : `, level ${level}`}`;
}
