import type { CommittedProject, CommittedRecord } from '../base/project.ts';
import { prefixAtBase, readProject } from '../base/project.ts';
import { commitsOf } from '../base/commits.ts';
import { readTree } from '../base/tree.ts';
import { ExitCode, GateError } from '../errors.ts';
import { withBase } from '../gates/against-base.ts';
import { isSameRun } from '../gates/lost-runs.ts';
import { LOCK_FILE } from '../gates/manifest.ts';
import { compareWithBase } from '../report/base.ts';
import { summarize } from '../report/summary.ts';
import type { Summary } from '../report/summary.ts';
import { compareReport } from './compare-report.ts';
import { evidencesOf, FIRST_BACKEND } from './evidences.ts';
import { examine } from './examine.ts';
import type { Examined, ExamineMeans } from './examine.ts';
import type { Finding } from './finding.ts';
import { rowsOf } from './rows.ts';
import { toReplay } from './select.ts';
import type { ReplayMode } from './select.ts';

export interface JudgeRequest {
  /** A clone that has both commits; nothing in it is executed. */
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  /** Compare with the base itself, not with where the head left it: on a push. */
  readonly exact: boolean;
  /** Of the project, from the repository's root, with a slash at its end; empty: the root. */
  readonly prefix: string;
  /** Of the records, from the project's folder. */
  readonly runs: string;
  readonly replay: ReplayMode;
  /** What the test run reported, or why that cannot be read; absent: nothing to compare with. */
  readonly reported?: Summary | { readonly unreadable: string };
}

export interface JudgeMeans extends Pick<ExamineMeans, 'measure' | 'replay'> {
  /** Told of each record once it is examined. */
  readonly onRecord?: (examined: Examined) => void;
}

/**
 * The verdict on a commit, from data alone: the promises of its lock, held against those of the base, and its records,
 * measured and trained again by the means that are handed in. What the test run of that commit reported is only compared.
 * Throws GateError where there is nothing to judge.
 */
export async function judge(request: JudgeRequest, means: JudgeMeans): Promise<Summary> {
  const { repository, prefix, runs } = request;
  const commits = await commitsOf(repository, request);
  const head = await readProject(await readTree(repository, commits.head, prefix), runs);
  const base = commits.base === undefined ? undefined : await readBaseOf(request, commits.base, head);
  if (!head.lock && !base?.lock) {
    throw new GateError(
      `Neither ${commits.head.slice(0, 12)} nor its base has a ${prefix}${LOCK_FILE}: nothing is promised. Write it (targets --update) and commit it.`,
      ExitCode.missing,
    );
  }
  const examined = await examineAll(request, commits.head, { head, base }, means);
  return conclude(request, { head, base, examined });
}

/** The project as the base has it, wherever it lay there. */
async function readBaseOf(
  { repository, prefix, runs }: JudgeRequest,
  commit: string,
  { tree }: CommittedProject,
): Promise<CommittedProject & { readonly movedFrom?: string }> {
  const there = await readTree(repository, commit, prefix);
  const before = prefixAtBase([...there.all.keys()], prefix, (path) => tree.all.has(path));
  if (before === prefix) return readProject(there, runs);
  return { ...(await readProject(await readTree(repository, commit, before), runs)), movedFrom: before };
}

interface Sides {
  readonly head: CommittedProject;
  readonly base: (CommittedProject & { readonly movedFrom?: string }) | undefined;
}

async function examineAll(
  { replay: mode }: JudgeRequest,
  commit: string,
  { head, base }: Sides,
  { measure, replay, onRecord }: JudgeMeans,
): Promise<Examined[]> {
  const candidates = head.records.map((committed) => ({
    committed,
    id: committed.record.id,
    seed: committed.record.seed,
    changed: !isAtBase(committed, base),
  }));
  const repeatable = candidates.filter(({ committed }) => committed.record.backend.name === FIRST_BACKEND);
  const chosen = new Set(toReplay(repeatable, commit, mode).map(({ committed }) => committed));
  const examined: Examined[] = [];
  for (const committed of head.records) {
    const found = await examine(head, committed, {
      measure,
      replay,
      chosen: chosen.has(committed),
      known: base?.records.some(({ record }) => isSameRun(record, committed.record)) ?? false,
    });
    onRecord?.(found);
    examined.push(found);
  }
  return examined;
}

function isAtBase({ hash, record }: CommittedRecord, base: CommittedProject | undefined): boolean {
  return base?.records.some((each) => each.hash === hash && isSameRun(each.record, record)) ?? false;
}

function conclude(
  request: JudgeRequest,
  { head, base, examined }: Sides & { readonly examined: readonly Examined[] },
): Summary {
  const { lock, acknowledgements } = head;
  const targets = lock?.targets ?? [];
  const promised = [...new Set(targets.map(({ iteration }) => iteration))];
  const { evidences, findings: ofSets } = evidencesOf(examined, promised);
  const records = examined.map(({ record }) => record);
  const against = base && compareWithBase(base, { lock, acknowledgements, evidences, records });
  const rows = rowsOf(targets, evidences, examined);
  const own: Finding[] = [
    ...examined.flatMap(({ findings }) => findings),
    ...ofSets,
    ...head.unreadable.map(({ file, reason }) => ({
      cause: `${file} is not a run record: ${reason}`,
      exitCode: ExitCode.missing,
    })),
  ];
  const conclusion = (findings: readonly Finding[]) =>
    summarize({
      rows: against ? withBase(rows, against.records) : rows,
      evidences,
      notices: [...(against?.notices ?? []), ...noticesOf(examined), ...workflowNotices(head, base)],
      failedTests: 0,
      findings,
      ...(against ? { targetChanges: against.targetChanges, comparisons: against.comparisons } : {}),
    });
  const { reported } = request;
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
