import { formatValue } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { wilson } from './wilson.ts';

/**
 * "You can tighten this": a target that every run beats by a margin promises less than the model keeps, and would let it
 * get worse unseen. Only where a margin means something:
 * - an accuracy with a lower bound: the Wilson 95 % interval of every run lies above the target, so that it is beaten
 *   beyond the sampling error of the test images;
 * - parameters, multiply-adds and other counts with an upper bound: every run needs at most 95 % of it.
 */

/** Counts at or below this share of their upper bound can be promised tighter. */
const SHARE_OF_COUNT = 0.95;
/** Accuracies are suggested in steps of this many per cent, rounded towards the loose side. */
const STEP = 0.01;

/** One line for each target that can be tightened, with a promise that the runs would still keep. Pure. */
export function tightenings(rows: readonly Verdict[]): string[] {
  return rows.flatMap((row) => {
    const bound = row.status === 'pass' && row.level === 'error' ? tighterBound(row) : undefined;
    if (bound === undefined) return [];
    const { iteration, metric, operator, target, unit, values } = row;
    const runs = values.length === 1 ? 'its only run has' : `the worst of ${values.length} runs has`;
    return [
      `You can tighten this: ${iteration}, ${metric} ${operator} ${formatValue(target, unit)}: ${runs} ` +
        `${formatValue(bound.worst, unit)}; ${operator} ${formatValue(bound.target, unit)} would hold${bound.margin}.`,
    ];
  });
}

interface Bound {
  readonly worst: number;
  readonly target: number;
  readonly margin: string;
}

function tighterBound({ target, operator, unit, values, total, interval }: Verdict): Bound | undefined {
  if (typeof target !== 'number' || !values.every((value) => typeof value === 'number')) return undefined;
  if (operator === '>=' && interval && total !== undefined) {
    const worst = Math.min(...values);
    const low = wilson(Math.round((worst / 100) * total), total).low;
    const bound = Math.floor(low / STEP) * STEP;
    return bound > target ? { worst, target: bound, margin: ' beyond sampling error' } : undefined;
  }
  if ((operator === '<' || operator === '<=') && unit === '') {
    const worst = Math.max(...values);
    const isCount = Number.isInteger(worst) && Number.isInteger(target);
    if (!isCount || worst > SHARE_OF_COUNT * target) return undefined;
    return { worst, target: operator === '<' ? worst + 1 : worst, margin: '' };
  }
  return undefined;
}
