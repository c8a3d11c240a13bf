import { GateError } from '../errors.ts';
import { idFault } from '../identity.ts';
import { formatValue, strictestAggregation } from './verdict.ts';
import type { Aggregation, Level, Operator, Target } from './verdict.ts';

/** What a spec may say about any target. */
export interface TargetOptions {
  /** Default: error. */
  readonly level?: Level;
  /** Which of several runs counts. Default: the worst. */
  readonly over?: Aggregation;
  /** Demands that the Wilson 95 % interval excludes the target. */
  readonly confidence?: boolean;
  /** Tells two targets on one metric apart. */
  readonly label?: string;
}

/** What else a target needs beside metric, operator and pass mark. */
type Declared = TargetOptions & { readonly from?: number; readonly within?: number };

/** A target out of what every spec must say and what it may say. Throws GateError for one that cannot be meant. */
export function declare(
  { id }: { readonly id: string },
  metric: string,
  operator: Operator,
  target: number | string,
  unit: string,
  options: Declared = {},
): Target {
  const fault = idFault(id) ?? markFault(target, unit) ?? windowFault(options) ?? labelFault(options.label);
  if (fault !== undefined)
    throw new GateError(`${idFault(id) === undefined ? id : 'A target'}, ${metric}: ${fault}`);
  return {
    iteration: id,
    metric: options.label === undefined ? metric : `${metric} (${options.label})`,
    operator,
    target,
    unit,
    level: options.level ?? 'error',
    over: options.over ?? strictestAggregation(operator),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.within === undefined ? {} : { within: options.within }),
    ...(options.confidence ? { confidence: true as const } : {}),
  };
}

function markFault(target: number | string, unit: string): string | undefined {
  if (typeof target === 'string') return undefined;
  if (!Number.isFinite(target)) return `expected a number to compare with, found ${target}.`;
  if (unit !== '%') return undefined;
  if (target > 0 && target <= 1) {
    return `accuracies are promised in per cent: ${target} would be ${target} %. Write ${formatValue(100 * target, '')}.`;
  }
  return target < 0 || target > 100 ? `expected 0 to 100 per cent, found ${target}.` : undefined;
}

function windowFault({ from, within }: Declared): string | undefined {
  for (const [name, epoch] of Object.entries({ from, within })) {
    if (epoch === undefined) continue;
    if (!Number.isInteger(epoch) || epoch < 1) {
      return `epochs count from 1: expected a whole number for "${name}", 1 or more, found ${epoch}.`;
    }
  }
  return from !== undefined && within !== undefined && from > within
    ? `A target cannot hold from epoch ${from} within ${within}: give from <= within.`
    : undefined;
}

function labelFault(label: string | undefined): string | undefined {
  return label === undefined || /^[^\p{Cc}()|]+$/u.test(label)
    ? undefined
    : `expected a label of plain words without brackets or "|", found ${JSON.stringify(label)}.`;
}
