import type { CommittedProject, CommittedRecord } from '../base/project.ts';
import { isSameRun } from '../gates/lost-runs.ts';
import type { RunRecord } from '../record.ts';
import type { JudgeData } from './data.ts';
import { FIRST_BACKEND } from './evidences.ts';
import { examine } from './examine.ts';
import type { Examined, ExamineMeans } from './examine.ts';
import type { Finding } from './finding.ts';
import type { ReplayMode } from './select.ts';
import { toReplay } from './select.ts';
import { examineStudyRun, readStudies } from './studies.ts';
import type { CommittedStudyRun } from './studies.ts';

/** What the judge has of its own. */
export interface JudgeMeans extends Pick<ExamineMeans, 'measure' | 'replay'> {
  readonly data: JudgeData;
  /** Told of each run once it is examined. */
  readonly onRecord?: (examined: Examined) => void;
}

/** What is judged, and what it is compared with. */
export interface Sides {
  readonly head: CommittedProject;
  readonly base: (CommittedProject & { readonly movedFrom?: string }) | undefined;
}

/** Every run of the head after the judge has looked at it, and every run that the base has. */
export interface Examination {
  readonly examined: readonly Examined[];
  readonly baseRuns: readonly RunRecord[];
  /** Of studies as a whole. */
  readonly findings: readonly Finding[];
}

/** Looks at every record and every run of a study; trains again those that `mode` asks for. */
export async function examineAll(
  { runs: folder, replay: mode }: { readonly runs: string; readonly replay: ReplayMode },
  commit: string,
  { head, base }: Sides,
  { data, measure, replay, onRecord }: JudgeMeans,
): Promise<Examination> {
  const studies = await readStudies(head, folder, head.lock?.seeds ?? {}, data);
  const before = base ? await readStudies(base, folder, {}) : undefined;
  const known = [...(base?.records ?? []), ...(before?.runs ?? [])];
  const runs: readonly (CommittedRecord | CommittedStudyRun)[] = [...head.records, ...studies.runs];
  const candidates = runs
    .filter(({ record }) => record.backend.name === FIRST_BACKEND)
    .map((committed) => ({
      committed,
      id: committed.record.id,
      seed: committed.record.seed,
      changed: !isAtBase(committed, known),
    }));
  const chosen = new Set(toReplay(candidates, commit, mode).map(({ committed }) => committed));
  const examined: Examined[] = [];
  for (const committed of runs) {
    const found = await ('run' in committed
      ? examineStudyRun(committed, { data, replay, chosen: chosen.has(committed) })
      : examine(head, committed, {
          measure,
          replay,
          chosen: chosen.has(committed),
          known: known.some(({ record }) => isSameRun(record, committed.record)),
        }));
    onRecord?.(found);
    examined.push(found);
  }
  return { examined, baseRuns: known.map(({ record }) => record), findings: studies.findings };
}

function isAtBase({ hash, record }: CommittedRecord, base: readonly CommittedRecord[]): boolean {
  return base.some((each) => each.hash === hash && isSameRun(each.record, record));
}
