import { GateError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { skeleton } from './1-skeleton.ts';
import { lighter } from './2-lighter.ts';
import { dropout } from './3-dropout.ts';
import { augmentation } from './4-augmentation.ts';
import { lrScheduler } from './5-lr-scheduler.ts';
import { receptiveField } from './6-receptive-field.ts';
import { weightAveraging } from './7-weight-averaging.ts';
import { smallest } from './8-smallest.ts';
import { separable } from './9-separable.ts';
import type { Iteration } from './define.ts';

/** The ladder, in order: each iteration adds one concept to the one before. */
export const iterations: readonly Iteration[] = [
  skeleton,
  lighter,
  dropout,
  augmentation,
  lrScheduler,
  receptiveField,
  weightAveraging,
  smallest,
  separable,
];

/** The iteration with this id ("5-lr-scheduler") or number (5 or "5"); throws GateError if there is none. */
export function findIteration(idOrNumber: string | number): Iteration {
  const wanted = String(idOrNumber);
  const ids = iterations.map(({ id }) => id);
  const found = iterations.find(({ id }) => id === wanted || id.split('-', 1)[0] === wanted);
  if (found) return found;
  throw new GateError(
    `There is no iteration "${wanted}". Use a number or an id of: ${ids.join(', ')}${didYouMean(wanted, ids)}`,
  );
}
