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
