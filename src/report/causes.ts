import { isRed } from '../gates/exit-code.ts';
import type { Verdict } from '../gates/verdict.ts';

/** One reason for one or several red rows, with what to do about it. */
export interface Cause {
  readonly status: Verdict['status'];
  /** What the rows have in common; undefined for a row that was measured and not met. */
  readonly detail?: string;
  readonly remedy: string;
  /** At least one, in the order they came in. */
  readonly rows: readonly Verdict[];
}

/** Red rows by what broke them: a spec that throws or a record that is damaged is told once, with all that it breaks. Pure. */
export function causesOf(rows: readonly Verdict[]): Cause[] {
  // A row with a figure of its own is a cause of its own.
  const causes = new Map<string | Verdict, Verdict[]>();
  for (const row of rows.filter(isRed)) {
    const key = isShared(row) ? `${row.status} ${row.detail}` : row;
    const broken = causes.get(key);
    if (broken) broken.push(row);
    else causes.set(key, [row]);
  }
  return [...causes.values()].map((broken) => {
    const [first] = broken as [Verdict, ...Verdict[]];
    const detail = isShared(first) ? { detail: first.detail! } : {};
    return { status: first.status, ...detail, remedy: sharedRemedy(broken), rows: broken };
  });
}

/** True for a row that has no figure of its own: its detail says why. */
function isShared({ status, detail, actual }: Verdict): boolean {
  return detail !== undefined && (actual === null || status === 'refused' || status === 'error');
}

/** What all remedies say: the whole of it, or the sentences that they begin with. */
function sharedRemedy(rows: readonly Verdict[]): string {
  const [first = '', ...others] = rows.map(({ remedy }) => remedy);
  if (others.every((remedy) => remedy === first)) return first;
  const sentences = first.split(/(?<=\.) /);
  const shared = sentences.findIndex((_, i) => {
    const start = sentences.slice(0, i + 1).join(' ');
    return !others.every((remedy) => remedy.startsWith(start));
  });
  return shared <= 0 ? first : sentences.slice(0, shared).join(' ');
}
