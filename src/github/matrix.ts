import { basename } from 'node:path';
import { GateError } from '../errors.ts';
import type { LockedTarget } from '../gates/manifest.ts';

/** One job of a matrix. Its values get into names of files and artifacts: letters, digits, dots and dashes. */
export type Leg = Readonly<Record<string, string | number>>;

/** Jobs that GitHub runs of one matrix. */
const LEGS = 256;
const SAFE = /^[\w.-]+$/;

/**
 * One leg a spec file with targets, so that no target is measured twice. The last one is forced to WASM, the others take
 * tfjs-node where it loads: both backends are exercised. Pure.
 */
export function legsOfSpecs(targets: readonly LockedTarget[]): Leg[] {
  const specs = [...new Set(targets.map(({ spec }) => spec))].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const names = specs.map((spec) => basename(spec).replace(/\.(spec|test)\.[cm]?[jt]sx?$/, ''));
  return checked(
    specs.map((spec, i) => {
      const twice = names.indexOf(names[i]!) !== names.lastIndexOf(names[i]!);
      return {
        leg: twice ? `${names[i]}-${i + 1}` : names[i]!,
        spec,
        backend: i === specs.length - 1 ? 'wasm' : '',
      };
    }),
    'spec files',
  );
}

/** One leg an iteration and seed; `seeds` is a list such as "1,2,3". Pure. */
export function legsOfSeeds(targets: readonly LockedTarget[], seeds: string): Leg[] {
  const numbers = seeds.split(',').map((seed) => seed.trim());
  const wrong = numbers.filter((seed) => !/^\d{1,9}$/.test(seed));
  if (wrong.length > 0) {
    throw new GateError(
      `--seeds holds "${wrong[0]}": give whole numbers with commas between them, such as 1,2,3.`,
    );
  }
  const iterations = [...new Set(targets.map(({ iteration }) => iteration))].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return checked(
    iterations.flatMap((iteration) =>
      numbers.map((seed) => ({ leg: `${iteration}.seed-${seed}`, iteration, seed: Number(seed) })),
    ),
    'iterations by seeds',
  );
}

function checked(legs: readonly (Leg & { readonly leg: string })[], what: string): Leg[] {
  const unsafe = legs.find(({ leg }) => !SAFE.test(leg));
  if (unsafe) {
    throw new GateError(
      `"${unsafe.leg}" cannot name a job and its files: letters, digits, dots and dashes can. Rename the spec file or iteration.`,
    );
  }
  if (legs.length === 0) throw new GateError('The lock holds no targets: there is nothing to measure.');
  if (legs.length > LEGS) {
    throw new GateError(
      `${legs.length} ${what}: GitHub runs at most ${LEGS} jobs of one matrix. Split the workflow.`,
    );
  }
  return [...legs];
}
