import type { z } from 'zod';
import { GateError } from './errors.ts';

/**
 * `value` as `schema` reads it, or a GateError of one line an issue: where in `what` ("the recipe"), what was expected, and
 * what was found there.
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${placeOf(issue.path)}${reasonOf(issue, value)}`);
  throw new GateError(`${what} cannot be used: ${lines.join('; ')}.`);
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}

function reasonOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    return `there is no setting ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
  }
  const at = (from: unknown, key: PropertyKey) => (from as Record<PropertyKey, unknown> | undefined)?.[key];
  return `expected ${expectationOf(issue)}, found ${textOf(issue.path.reduce(at, value))}`;
}

function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && 'options' in issue) {
    return `one of ${(issue.options as readonly unknown[]).map(textOf).join(', ')}`;
  }
  return issue.message.replace(/^.*: expected /, '').replace(/, received.*$/, '');
}

/** As JSON where JSON can say it: NaN, infinity and what is absent in words. */
function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
