import type { Described } from './summary.ts';
import { oneLine } from './text.ts';

/** What words, tables and drawings say of an iteration alike. Apart from the drawings, whose library takes long to load. */

/** A name that may be foreign, as it fits beside a drawing. */
export const NAME = 80;

/** "5" of "5-lr-scheduler"; the whole id where it does not start with a number. */
export function numberOf({ id }: Pick<Described, 'id'>): string {
  return /^\d+(?=-)/.exec(id)?.[0] ?? oneLine(id, NAME);
}

/** The highest that any of the iterations is held to, per cent. */
export function lineOf(iterations: readonly Pick<Described, 'consistentAt'>[]): number {
  return Math.max(0, ...iterations.map(({ consistentAt }) => consistentAt));
}
