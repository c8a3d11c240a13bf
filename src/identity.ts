import { GateError } from './errors.ts';

/**
 * Why `id` cannot name an iteration or a model; undefined if it can. It becomes the name of files and the key of targets:
 * letters, digits, dots, hyphens and underscores, at most 100.
 */
export function idFault(id: string): string | undefined {
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,99}$/u.test(id) && !id.includes('..')) return undefined;
  return `expected an id of letters, digits, dots, hyphens and underscores, such as "1-moons", found ${JSON.stringify(id)}.`;
}

/** Throws GateError where `id` cannot name what is said to have it, such as "a model". */
export function checkId(id: string, what: string): void {
  const fault = idFault(id);
  if (fault !== undefined) throw new GateError(`The id of ${what}: ${fault}`);
}
