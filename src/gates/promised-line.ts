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

/** `promisedLine` of the iteration with this id, of all the targets of its project. Pure. */
export function promisedLineOf(id: string, targets: readonly Target[]): number {
  return promisedLine(
    targets.filter(({ iteration }) => iteration === id),
    targets,
  );
}
