/** A leaf in which what is claimed is not what was found. */
export interface Difference {
  /** "epochs[5].testCorrect", from the root of what was compared. */
  readonly path: string;
  readonly claimed: unknown;
  readonly found: unknown;
}

/**
 * Every leaf of two plain values that differs, NaN and the order of keys aside. `ignore` leaves out a path and all below
 * it. Pure.
 */
export function differences(
  claimed: unknown,
  found: unknown,
  ignore: (path: string) => boolean = () => false,
  path = '',
): Difference[] {
  if (path !== '' && ignore(path)) return [];
  if (!isObject(claimed) || !isObject(found) || Array.isArray(claimed) !== Array.isArray(found)) {
    return Object.is(claimed, found) ? [] : [{ path, claimed, found }];
  }
  const keys = [...new Set([...Object.keys(claimed), ...Object.keys(found)])];
  return keys.flatMap((key) => {
    const below = Array.isArray(claimed) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    return differences(claimed[key], found[key], ignore, below);
  });
}

/** "epochs[5].testCorrect is 9950, not 9940": for a person, with the longest values cut. */
export function describeDifference({ path, claimed, found }: Difference): string {
  return `${path} says ${short(claimed)}, and is ${short(found)}`;
}

const LONGEST = 60;

function short(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
