import { Metric, type Target } from './verdict.ts';

/** Nobody misses it, and nobody promised it. */
const NONE_PROMISED = 100;

/**
 * The test accuracy, per cent, that "held from epoch 5" speaks of: what an iteration promises to hold; else the highest that any of
 * the project's does; else the end that it, or any of them, promises. Pure.
 */
export function promisedLine(own: readonly Target[], all: readonly Target[]): number {
  for (const metric of [Metric.heldTestAccuracy, Metric.finalTestAccuracy]) {
    for (const targets of [own, all]) {
      const lines = targets.flatMap((target) =>
        target.metric === metric && typeof target.target === 'number' ? [target.target] : [],
      );
      if (lines.length > 0) return Math.max(...lines);
    }
  }
  return NONE_PROMISED;
}
