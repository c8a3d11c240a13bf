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
      const line = highestOf(targets, metric);
      if (line !== undefined) return line;
    }
  }
  return NONE_PROMISED;
}

/** Copies nothing: it is asked once an iteration, of all the targets of the project. */
function highestOf(targets: readonly Target[], wanted: string): number | undefined {
  let highest: number | undefined;
  for (const { metric, target } of targets) {
    if (metric === wanted && typeof target === 'number') highest = Math.max(target, highest ?? target);
  }
  return highest;
}

/** `promisedLine` of the iteration with this id, of all the targets of its project. Pure. */
export function promisedLineOf(id: string, targets: readonly Target[]): number {
  return promisedLine(
    targets.filter(({ iteration }) => iteration === id),
    targets,
  );
}
