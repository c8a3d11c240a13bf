import path from 'node:path';
import { selectBackend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { findMnist } from '../data/mnist.ts';
import { ExitCode, GateError } from '../errors.ts';
import { issue } from '../evidence.ts';
import type { Iteration } from '../iterations/define.ts';
import type { Evidence, RunRecord } from '../record.ts';
import { type EvidenceOptions, evidenceOfRecords } from '../training/evidence.ts';
import { RUNS_FOLDER } from '../training/store.ts';
import { auditStudy } from './audit.ts';
import { recordsOf } from './expand.ts';
import type { Study } from './schema.ts';
import { describeSeeds } from './seeds.ts';
import { readStudy, studyFile } from './store.ts';
import { commandLine } from '../command-line.ts';

/**
 * The evidence of one iteration: its full records (see `evidenceOfRecords`, whose errors these are too) and, where it has a
 * study, the runs of all its seeds. Of a run without weights nothing can be measured again: its figures are 'recorded' until
 * it is replayed, which the note says. Throws GateError where the study does not fit its full record, network, recipe or data.
 */
export async function obtainEvidence(iteration: Iteration, options: EvidenceOptions): Promise<Evidence> {
  const backend = options.backend ?? (await selectBackend({ force: process.env['GATE_BACKEND'] }));
  const data = options.data ?? (await findMnist());
  const evidence = await evidenceOfRecords(iteration, { ...options, backend, ...(data && { data }) });
  const trainedOn = evidence.runs[0]!.backend.name;
  const file = path.join(options.folder ?? RUNS_FOLDER, studyFile(iteration.id, trainedOn));
  const study = readStudy(file);
  return study === undefined ? evidence : withStudy(evidence, study, data);
}

function withStudy(evidence: Evidence, study: Study, data: Dataset | undefined): Evidence {
  const full = evidence.runs;
  const [first] = full as [RunRecord];
  check(study, first, data);
  const others = recordsOf(study, first).filter(({ seed }) => full.every((record) => record.seed !== seed));
  if (others.length === 0) return evidence;
  const seeds = describeSeeds(others.map(({ seed }) => seed));
  return issue({
    ...evidence,
    runs: [...full, ...others].toSorted((a, b) => a.seed - b.seed),
    note: `${evidence.note}; seeds ${seeds}: recorded in its study, the judge replays them`,
  });
}

/** Held against the full record of one of its seeds. Which seeds there must be is the lock's word, and the reporter's to check. */
function check(study: Study, record: RunRecord, data: Dataset | undefined): void {
  const { sha256, train, test, classes } = record.data;
  const flaws = auditStudy(study, {
    id: record.id,
    backend: record.backend.name,
    seeds: [...new Set(study.runs.map(({ seed }) => seed))],
    fingerprint: record.fingerprint,
    epochs: record.epochs.length,
    data: { sha256, train, test, classes },
    record,
    ...(data && { labels: data.test.labels }),
  });
  if (flaws.length === 0) return;
  const more = flaws.length > 1 ? ` (and ${flaws.length - 1} more)` : '';
  throw new GateError(
    `${flaws[0]!.message}${more}. Train it anew with \`${commandLine(`study ${record.id.split('-', 1)[0]}`)}\`, or restore runs/ with git.`,
    ExitCode.missing,
  );
}
