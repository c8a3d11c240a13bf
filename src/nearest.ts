import { closest, distance } from 'fastest-levenshtein';

/** The end of a sentence: ". Did you mean wasm?" where one of `known` is near to `found`, else a full stop. */
export function didYouMean(found: string, known: readonly string[]): string {
  if (known.length === 0) return '.';
  const near = closest(found.toLowerCase(), [...known]);
  const most = Math.ceil(Math.max(found.length, near.length) / 2);
  return distance(found.toLowerCase(), near.toLowerCase()) <= most ? `. Did you mean ${near}?` : '.';
}
