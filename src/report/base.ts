import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBase } from '../base/read-base.ts';
import type { Base, BaseRequest } from '../base/read-base.ts';
import type { CommittedProject } from '../base/project.ts';
import { acknowledge, compareTargets, LOOSENED_FILE, parseAcknowledgements } from '../gates/loosening.ts';
import type { Acknowledgement, TargetChange } from '../gates/loosening.ts';
import { isSameRun, lostRuns, lostSeeds } from '../gates/lost-runs.ts';
import type { Lock } from '../gates/manifest.ts';
import { compareRecords } from '../gates/regression.ts';
import type { Comparison } from '../gates/regression.ts';
import { runRecordSchema } from '../record.ts';
import type { Evidence, RunRecord } from '../record.ts';
import { promisedLineOf } from '../gates/promised-line.ts';

export interface AgainstBase {
  readonly targetChanges: readonly TargetChange[];
  readonly comparisons: readonly Comparison[];
  readonly records: readonly RunRecord[];
  readonly notices: readonly string[];
}

/** What is held against the base. */
export interface Head {
  readonly lock: Lock | undefined;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly evidences: readonly Evidence[];
  /** Of the folder of records: those that no evidence was made of too. */
  readonly records: readonly RunRecord[];
  /** Every run of the base, those of its studies too; absent: its records. */
  readonly baseRuns?: readonly RunRecord[];
}

/** Reads the base and the working tree's acknowledgements, and compares. For a run that has its evidences already. */
export async function againstBase(
  revision: string,
  request: BaseRequest,
  lock: Lock | undefined,
  evidences: readonly Evidence[],
): Promise<AgainstBase> {
  const base = await readBase(revision, request);
  const acknowledgements = await readAcknowledgements(request.folder);
  const records = await readRunFolder(join(request.folder, request.runs ?? 'runs'));
  return compareWithBase(base, { lock, acknowledgements, evidences, records });
}

/** Holds targets, records and figures against those of the base; like is compared with like (iteration, backend, seed). Pure. */
export function compareWithBase(
  base: CommittedProject & Partial<Pick<Base, 'revision' | 'movedFrom'>>,
  head: Head,
): AgainstBase {
  const { lock, acknowledgements, evidences } = head;
  const name = base.revision ?? base.tree.commit.slice(0, 12);
  const before = head.baseRuns ?? base.records.map(({ record }) => record);
  const runs = evidences.flatMap((evidence) => evidence.runs);
  const promised = new Set((lock?.targets ?? []).map(({ iteration }) => iteration));
  const changes = [
    ...compareTargets(base.lock?.targets ?? [], lock?.targets ?? []),
    ...lostSeeds(base.lock?.seeds ?? {}, lock?.seeds ?? {}, promised),
    ...lostRuns(before, [...head.records, ...runs], promised),
  ];
  const { changes: targetChanges, notices } = acknowledge(changes, {
    base: base.acknowledgements,
    head: acknowledgements,
  });
  const targets = lock?.targets ?? [];
  const pairs = runs.map((run) => ({ head: run, base: counterpart(before, run) }));
  return {
    targetChanges,
    comparisons: pairs.flatMap((pair) =>
      compareRecords(pair.base, pair.head, { consistentAt: promisedLineOf(pair.head.id, targets) }),
    ),
    records: pairs.flatMap((pair) => pair.base ?? []),
    notices: [
      ...(base.lock ? [] : [`${name} has no lock of targets yet: every target counts as added.`]),
      ...(base.movedFrom === undefined
        ? []
        : [`The project was moved: at ${name} it lay in "${base.movedFrom || '.'}".`]),
      ...notices,
      ...base.unreadable.map(
        ({ file }) => `${file} at ${name} is not a record of this version: not comparable.`,
      ),
    ],
  };
}

/** The record of the same run; without one, another of the iteration: its size and field can be compared. */
function counterpart(records: readonly RunRecord[], head: RunRecord): RunRecord | undefined {
  return records.find((run) => isSameRun(run, head)) ?? records.find(({ id }) => id === head.id);
}

/** Of the working tree; none where there is no such file. */
async function readAcknowledgements(root: string): Promise<Acknowledgement[]> {
  let text: string;
  try {
    text = await readFile(join(root, LOOSENED_FILE), 'utf8');
  } catch {
    return [];
  }
  return parseAcknowledgements(text, LOOSENED_FILE);
}

/** The records that can be read; one that cannot is told by whoever asks for its evidence. */
async function readRunFolder(folder: string): Promise<RunRecord[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        try {
          return runRecordSchema.safeParse(JSON.parse(await readFile(join(folder, name), 'utf8'))).data;
        } catch {
          return undefined;
        }
      }),
  );
  return records.filter((record) => record !== undefined);
}
