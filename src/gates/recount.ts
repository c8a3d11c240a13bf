import { isDeepStrictEqual } from 'node:util';
import { GateError } from '../errors.ts';
import { evidenceSchema } from '../record.ts';
import type { Evidence } from '../record.ts';
import { judgeTarget } from './judge-target.ts';
import { StateRemedy } from './remedies.ts';
import { describeTarget, targetOf, verdictSchema } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * Rows and evidences of a test as its process reported them: judged anew here, in the reporter's process, where no spec and
 * no mock of a spec can reach. A row that is not what its evidence gives is refused.
 */

export interface Reported {
  readonly verdicts: readonly unknown[];
  readonly evidences: readonly unknown[];
}

export interface Recounted {
  readonly verdicts: readonly Verdict[];
  readonly evidences: readonly Evidence[];
  /** One line: what was handed over that is no row and no evidence; absent: nothing. */
  readonly unreadable?: string;
}

/** What must be equal; words and places are the test's. */
const FIGURES = [
  'actual',
  'values',
  'aggregation',
  'interval',
  'marginImages',
  'total',
  'status',
  'provenance',
] as const;

/** Pure. */
export function recount(reported: Reported): Recounted {
  const evidences = reported.evidences.flatMap(
    (each) => evidenceSchema.safeParse(each).data ?? [],
  ) as Evidence[];
  const rows = reported.verdicts.flatMap((each) => verdictSchema.safeParse(each).data ?? []) as Verdict[];
  const lost = [
    ...lostOf('evidence', reported.evidences.length - evidences.length),
    ...lostOf('row', reported.verdicts.length - rows.length),
  ];
  return {
    verdicts: rows.map((row) => recounted(row, evidences)),
    evidences,
    ...(lost.length === 0 ? {} : { unreadable: lost.join(' and ') }),
  };
}

function lostOf(what: string, count: number): string[] {
  return count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'} without the form of one`];
}

function recounted(row: Verdict, evidences: readonly Evidence[]): Verdict {
  const own = evidences.filter(({ id }) => id === row.iteration);
  if (own.length === 0) return refuse(row, 'the test handed over no evidence for it');
  if (own.length > 1) return refuse(row, `the test handed over ${own.length} evidences of ${row.iteration}`);
  // A target under .not: refused by the matcher whatever was measured.
  if (row.status === 'refused') return row;
  const judged = judgedAnew(row, own[0]!);
  if (typeof judged === 'string') return refuse(row, judged);
  const figure = FIGURES.find((name) => !isDeepStrictEqual(row[name], judged[name]));
  return figure === undefined
    ? row
    : refuse(
        row,
        `the test says ${figure} ${JSON.stringify(row[figure])}, its evidence gives ${JSON.stringify(judged[figure])}`,
      );
}

function judgedAnew(row: Verdict, evidence: Evidence): Verdict | string {
  try {
    return judgeTarget(targetOf(row), evidence);
  } catch (error) {
    if (error instanceof GateError) return error.message;
    throw error;
  }
}

function refuse(row: Verdict, detail: string): Verdict {
  return { ...row, status: 'refused', detail, remedy: `${StateRemedy.forged} (${describeTarget(row)})` };
}

/**
 * Rows of iterations of which several tests had different evidence: one id names one network, recipe and data. Pure.
 */
export function refuseDivided(rows: readonly Verdict[], evidences: readonly Evidence[]): Verdict[] {
  const prints = new Map<string, Set<string>>();
  for (const { id, runs } of evidences) {
    const known = prints.get(id) ?? new Set();
    for (const { seed, backend, fingerprint } of runs) known.add(`${seed} ${backend.name} ${fingerprint}`);
    prints.set(id, known);
  }
  const networks = (id: string) =>
    new Set([...(prints.get(id) ?? [])].map((each) => each.split(' ')[2])).size;
  return rows.map((row) => {
    const count = networks(row.iteration);
    if (count <= 1 || row.status === 'refused') return row;
    return {
      ...row,
      status: 'refused',
      detail: `${count} networks, recipes or data under one id`,
      remedy: StateRemedy.divided,
    };
  });
}
