import type { CommittedProject } from '../base/project.ts';
import { ExitCode } from '../errors.ts';
import { withBase } from '../gates/against-base.ts';
import { compareWithBase } from '../report/base.ts';
import { summarize } from '../report/summary.ts';
import type { Summary } from '../report/summary.ts';
import { compareReport } from './compare-report.ts';
import { evidencesOf } from './evidences.ts';
import type { Examined } from './examine.ts';
import type { Examination, Sides } from './examine-all.ts';
import type { Finding } from './finding.ts';
import type { JudgeRequest } from './judge.ts';
import { rowsOf } from './rows.ts';

/** The verdict: promises of the lock on the runs of the head, held against the base; and, last, against the report. Pure. */
export function conclude(
  reported: JudgeRequest['reported'],
  { head, base }: Sides,
  { examined, baseRuns, findings }: Examination,
): Summary {
  const { lock, acknowledgements } = head;
  const targets = lock?.targets ?? [];
  const promised = [...new Set(targets.map(({ iteration }) => iteration))];
  const { evidences, findings: ofSets } = evidencesOf(examined, promised, lock?.seeds ?? {});
  const records = examined.map(({ record }) => record);
  const against = base && compareWithBase(base, { lock, acknowledgements, evidences, records, baseRuns });
  const rows = rowsOf(targets, evidences, examined);
  const own: Finding[] = [
    ...findings,
    ...examined.flatMap((each) => each.findings),
    ...ofSets,
    ...head.unreadable.map(({ file, reason }) => ({
      cause: `${file} is not a run record: ${reason}`,
      exitCode: ExitCode.missing,
    })),
  ];
  const conclusion = (all: readonly Finding[]) =>
    summarize({
      promised: lock?.targets,
      rows: against ? withBase(rows, against.records) : rows,
      evidences,
      notices: [...(against?.notices ?? []), ...noticesOf(examined), ...workflowNotices(head, base)],
      failedTests: 0,
      findings: all,
      ...(against && {
        targetChanges: against.targetChanges,
        comparisons: against.comparisons,
        baseRecords: against.records,
      }),
    });
  if (reported === undefined) return conclusion(own);
  if ('unreadable' in reported) {
    return conclusion([...own, { cause: reported.unreadable, exitCode: ExitCode.missing }]);
  }
  return conclusion([...own, ...compareReport(reported, conclusion(own))]);
}

function noticesOf(examined: readonly Examined[]): string[] {
  const replayed = examined.filter(({ backing }) => backing === 'replayed').length;
  return [`${replayed} of ${examined.length} runs replayed, to the bit.`];
}

/** A change of the workflow can take the judge away: a person has to read it. */
const WORKFLOWS = /^(?:\.github\/|action\.yml$)/;

function workflowNotices({ tree }: CommittedProject, base: CommittedProject | undefined): string[] {
  if (!base) return [];
  const changed = [...new Set([...tree.all.keys(), ...base.tree.all.keys()])].filter(
    (path) => WORKFLOWS.test(path) && tree.all.get(path)?.hash !== base.tree.all.get(path)?.hash,
  );
  return changed.length === 0
    ? []
    : [`The change touches what runs this judge (${changed.join(', ')}): read it with care.`];
}
