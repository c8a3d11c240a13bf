import { z } from 'zod';

/**
 * A figure that was found out, or the reason why it could not be: an unknown figure is never a number, so that no target
 * can be met by it. Plain JSON.
 */
export type Fact<T = number> =
  { readonly known: true; readonly value: T } | { readonly known: false; readonly reason: string };

/** A figure that was found out. */
export function known<T>(value: T): Fact<T> {
  return { known: true, value };
}

/** `reason`: one line for a person; names the layer or the input that makes it unknown. */
export function unknown(reason: string): Fact<never> {
  return { known: false, reason };
}

/** The form of a fact whose value has the form `value`. */
export function factSchema<Value extends z.ZodType>(value: Value) {
  return z.discriminatedUnion('known', [
    z.object({ known: z.literal(true), value }),
    z.object({ known: z.literal(false), reason: z.string().min(1) }),
  ]);
}

/** The fact about what `of` makes of the value. */
export function mapFact<From, To>(fact: Fact<From>, of: (value: From) => To): Fact<To> {
  return fact.known ? known(of(fact.value)) : fact;
}

/** The value, or `otherwise` where it is unknown: for pictures and sorting, never for a verdict. */
export function valueOr<T, Otherwise>(fact: Fact<T>, otherwise: Otherwise): T | Otherwise {
  return fact.known ? fact.value : otherwise;
}

/** The sum of all; unknown where one is. */
export function sumOf(facts: readonly Fact[]): Fact {
  const missing = facts.find((fact) => !fact.known);
  return missing ?? known(facts.reduce((sum, fact) => sum + valueOr(fact, 0), 0));
}
