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
  /**
   * A share of all seeds, above 0 and below 1, in place of the worst run: kept only if the exact lower 95 % bound over the
   * runs is as large. 0.75 asks for 19 of 20 runs, 0.95 for at least 59 that all keep it.
   */
  readonly onShare?: number;
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
  const fault =
    idFault(id) ??
    markFault(target, unit) ??
    windowFault(options) ??
    shareFault(options) ??
    labelFault(options.label);
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
    ...(options.onShare === undefined ? {} : { onShare: options.onShare }),
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

function shareFault({ onShare, over }: Declared): string | undefined {
  if (onShare === undefined) return undefined;
  if (!(onShare > 0 && onShare < 1))
    return `expected a share above 0 and below 1 for "onShare", found ${onShare}.`;
  return over === undefined
    ? undefined
    : `"onShare" asks every run for itself, "over: ${over}" all of them at once: give one.`;
}

function labelFault(label: string | undefined): string | undefined {
  return label === undefined || /^[^\p{Cc}()|]+$/u.test(label)
    ? undefined
    : `expected a label of plain words without brackets or "|", found ${JSON.stringify(label)}.`;
}
