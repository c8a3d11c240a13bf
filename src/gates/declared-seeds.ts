import type { Evidence } from '../record.ts';
import { parseSeeds } from '../study/seeds.ts';
import { StateRemedy } from './remedies.ts';
import type { Verdict } from './verdict.ts';

/** What is wrong with the seeds of an iteration's runs, one line each; `declared`: "1-20", absent: none are. Pure. */
export function undeclaredSeeds(found: readonly number[], declared: string | undefined): string[] {
  if (declared === undefined) return [];
  const seeds = parseSeeds(declared);
  return [
    ...seeds.filter((seed) => !found.includes(seed)).map((seed) => `seed ${seed} is declared and has no run`),
    ...found
      .filter((seed) => !seeds.includes(seed))
      .map((seed) => `seed ${seed} has a run and is not declared`),
  ];
}

/** Refuses the rows of iterations whose evidence is not of the seeds that the lock declares: neither fewer nor more. Pure. */
export function refuseUndeclared(
  rows: readonly Verdict[],
  evidences: readonly Evidence[],
  seeds: Readonly<Record<string, string>>,
): Verdict[] {
  return rows.map((row) => {
    const evidence = evidences.find(({ id }) => id === row.iteration);
    if (evidence === undefined || row.status === 'refused') return row;
    const [fault] = undeclaredSeeds(
      evidence.runs.map(({ seed }) => seed),
      seeds[row.iteration],
    );
    return fault === undefined
      ? row
      : { ...row, status: 'refused', detail: fault, remedy: StateRemedy.seeds };
  });
}
