import { z } from 'zod';

/**
 * Figures that a training run can drive to NaN or infinity, and how they survive JSON, which knows neither: as the words
 * "NaN", "Infinity" and "-Infinity". One codec for what is written, read, sealed and handed from process to process.
 */

const NON_FINITE: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

/** A number as it comes out of JSON or of training: finite, or one of the three words. */
export const figureSchema = z.preprocess(
  (value) => (typeof value === 'string' && Object.hasOwn(NON_FINITE, value) ? NON_FINITE[value] : value),
  z.custom<number>(
    (value) => typeof value === 'number',
    'expected a number, "NaN", "Infinity" or "-Infinity"',
  ),
);

/** The value with every number that JSON would turn into null as a word; nothing else changes. */
export function toPlain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toPlain(entry)]));
}

/** Levels of lists and objects in a record: far more than any network needs, far less than a stack holds. */
export const MOST_NESTED = 64;

/** How many lists and objects lie in one another, counted without recursion; counting ends above `MOST_NESTED`. */
export function nesting(value: unknown): number {
  let level: readonly unknown[] = [value];
  let depth = 0;
  for (; depth <= MOST_NESTED; depth++) {
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? (Object.values(each) as unknown[]) : [],
    );
    if (level.length === 0) return depth;
  }
  return depth;
}
