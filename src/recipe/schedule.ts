import type { Schedule } from './recipe.ts';

/** Learning rate after `epochs` epochs (a fraction within an epoch). Only arithmetic that IEEE 754 rounds exactly. */
export function learningRateAt(schedule: Schedule, epochs: number): number {
  if (schedule.type === 'constant') return schedule.learningRate;
  if (schedule.type === 'step') {
    let rate = schedule.initial;
    for (let done = schedule.every; done <= epochs; done += schedule.every) rate *= schedule.factor;
    return rate;
  }
  const { points } = schedule;
  const next = points.findIndex(([at]) => at > epochs);
  if (next === -1) return points.at(-1)![1];
  if (next === 0) return points[0]![1];
  const [from, low] = points[next - 1]!;
  const [to, high] = points[next]!;
  return low + ((high - low) * (epochs - from)) / (to - from);
}
