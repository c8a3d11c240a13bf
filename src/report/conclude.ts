import { join } from 'node:path';
import { withBase } from '../gates/against-base.ts';
import { isRed } from '../gates/exit-code.ts';
import type { Lock } from '../gates/manifest.ts';
import type { Scope } from '../gates/scope.ts';
import { settle } from '../gates/settle.ts';
import { tightenings } from '../gates/tighten.ts';
import { againstBase } from './base.ts';
import type { Collected } from './collect.ts';
import { readIfThere } from './frozen.ts';
import { summarize } from './summary.ts';
import type { Summary } from './summary.ts';

interface Context {
  /** The project's folder. */
  readonly root: string;
  readonly scope: Scope;
  /** A git revision; undefined: no comparison. */
  readonly base: string | undefined;
  /** Errors that no test threw. */
  readonly strayErrors: number;
}

/**
 * Rows, lock and base to a summary: all of the gate but reading the run and writing the result. Throws GateError where the
 * base cannot be read.
 */
export async function conclude(
  { facts, evidences }: Collected,
  lock: Lock | undefined,
  context: Context,
): Promise<Summary> {
  const { root, scope, base, strayErrors } = context;
  const settled = settle({ facts, lock, scope, sourceOf: (spec) => readIfThere(join(root, spec)) });
  const against = base
    ? await againstBase(base, { folder: root, otherThanHead: scope.ci }, lock, evidences)
    : undefined;
  const told = new Set(facts.tests.filter(({ verdicts }) => verdicts.some(isRed)));
  return summarize({
    promised: lock?.targets,
    rows: against ? withBase(settled.rows, against.records) : settled.rows,
    evidences,
    notices: [...settled.notices, ...(against?.notices ?? []), ...tightenings(settled.rows)],
    strayErrors,
    failedTests: facts.tests.filter((fact) => fact.state === 'failed' && !told.has(fact)).length,
    ...(against && {
      targetChanges: against.targetChanges,
      comparisons: against.comparisons,
      baseRecords: against.records,
    }),
  });
}
