import { createHash } from 'node:crypto';
import type { CommittedProject, CommittedRecord } from '../base/project.ts';
import { ExitCode, messageOf } from '../errors.ts';
import type { RunRecord } from '../record.ts';
import { auditStudy } from '../study/audit.ts';
import { partingOf } from '../study/compare.ts';
import { recordsOf } from '../study/expand.ts';
import { studyRunOf } from '../study/run.ts';
import type { Study, StudyRun } from '../study/schema.ts';
import { describeSeeds, parseSeeds } from '../study/seeds.ts';
import { parseStudy, studyFile } from '../study/store.ts';
import { isImages, type JudgeData } from './data.ts';
import type { Backing, Examined } from './examine.ts';
import type { Finding } from './finding.ts';
import type { Replay } from './replay.ts';

/** One seed of a study, as the record that it stands for. */
export interface CommittedStudyRun extends CommittedRecord {
  readonly run: StudyRun;
}

export interface CommittedStudies {
  readonly runs: readonly CommittedStudyRun[];
  /** Studies that cannot be read, have no record beside them, or contradict it. */
  readonly findings: readonly Finding[];
}

const ENDING = '.study.json';

/**
 * The studies of a commit, run by run, each held against the full record of one of its seeds. `seeds`: declared ones, by
 * iteration. Nothing is dropped: what does not fit is a finding.
 */
export async function readStudies(
  { tree, records }: CommittedProject,
  folder: string,
  seeds: Readonly<Record<string, string>>,
  data?: JudgeData,
): Promise<CommittedStudies> {
  const runs: CommittedStudyRun[] = [];
  const findings: Finding[] = [];
  for (const file of tree.files.keys()) {
    if (!file.startsWith(`${folder}/`) || !file.endsWith(ENDING)) continue;
    const tell = (cause: string, iteration?: string) =>
      void findings.push({
        cause: `${file}: ${cause}`,
        exitCode: ExitCode.missing,
        ...(iteration === undefined ? {} : { iteration }),
      });
    try {
      const study = parseStudy((await tree.read(file)).toString('utf8'), file);
      const expected = `${folder}/${studyFile(study.id, study.backend.name)}`;
      if (file !== expected) {
        tell(`it says that it is of ${study.id} on ${study.backend.name}: expected at ${expected}`, study.id);
      }
      const record = fullRecordOf(study, records);
      if (!record) {
        tell('there is no full record of one of its runs beside it', study.id);
        continue;
      }
      for (const { message } of flawsOf(study, record, seeds[study.id], data)) tell(message, study.id);
      runs.push(...runsOf(file, study, record));
    } catch (error) {
      tell(messageOf(error));
    }
  }
  return { runs, findings };
}

/** Checks one run of a study; where it is chosen, by a training run of the judge's own. */
export async function examineStudyRun(
  { file, record, run }: CommittedStudyRun,
  { data, replay, chosen }: { readonly data: JudgeData; readonly replay: Replay; readonly chosen: boolean },
): Promise<Examined> {
  const found = (backing: Backing, note: string, cause?: string): Examined => ({
    file,
    record,
    backing,
    note,
    findings:
      cause === undefined
        ? []
        : [
            {
              iteration: record.id,
              cause: `${file}, seed ${run.seed}: ${cause}`,
              exitCode: ExitCode.missing,
            },
          ],
  });
  if (!chosen || !isImages(data)) return found('recorded', 'of its study, not trained again');
  const replayed = await replay(record);
  if (replayed.outcome === 'impossible') {
    return found('recorded', replayed.reason, `it cannot be trained again: ${replayed.reason}`);
  }
  const parted =
    replayed.outcome === 'parted'
      ? { where: `at epoch ${replayed.epoch ?? run.testCorrect.length}`, what: replayed.what }
      : partedAfter(run, studyRunOf(replayed.run, data));
  return parted === undefined
    ? found('replayed', 'trained again, equal to the bit')
    : found(
        'recorded',
        'trained again',
        `trained again, it parts from the study ${parted.where}: ${parted.what}`,
      );
}

/** In what a record does not hold: the weights after each epoch, the images that are read wrong. */
function partedAfter(recorded: StudyRun, again: StudyRun) {
  const parting = partingOf(recorded, again);
  if (!parting) return undefined;
  const { epoch, figure, recorded: was, replayed } = parting;
  return { where: `at epoch ${epoch}`, what: `${figure}, recorded ${was}, trained again ${replayed}` };
}

function fullRecordOf({ id, backend, fingerprint }: Study, records: readonly CommittedRecord[]) {
  const own = records
    .map(({ record }) => record)
    .filter((record) => record.id === id && record.backend.name === backend.name);
  return own.find((record) => record.fingerprint === fingerprint) ?? own[0];
}

function flawsOf(study: Study, record: RunRecord, seeds: string | undefined, data: JudgeData | undefined) {
  const { sha256, train, test, classes } = record.data;
  return auditStudy(study, {
    id: study.id,
    backend: record.backend.name,
    seeds: parseSeeds(seeds ?? describeSeeds([...new Set(study.runs.map(({ seed }) => seed))])),
    fingerprint: record.fingerprint,
    epochs: record.epochs.length,
    data: { sha256, train, test, classes },
    record,
    ...(data && isImages(data) ? { labels: data.test.labels } : {}),
  });
}

/** That of the full record is examined as such. */
function runsOf(file: string, study: Study, record: RunRecord): CommittedStudyRun[] {
  const expanded = recordsOf(study, record);
  return study.runs.flatMap((run, i) =>
    run.seed === record.seed ? [] : [{ file, hash: hashOf(run, record), record: expanded[i]!, run }],
  );
}

/** Equal for equal runs of equal networks, seconds aside. */
function hashOf({ seconds: _, ...run }: StudyRun, { fingerprint }: RunRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([fingerprint, run]))
    .digest('hex');
}
