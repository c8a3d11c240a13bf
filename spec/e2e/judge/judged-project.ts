import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { selectBackend, type Backend } from '../../../src/backend/select.ts';
import { LOCK_FILE, LOCK_SCHEMA } from '../../../src/gates/manifest.ts';
import type { Lock } from '../../../src/gates/manifest.ts';
import type { Target } from '../../../src/gates/verdict.ts';
import { judge } from '../../../src/judge/judge.ts';
import type { JudgeRequest } from '../../../src/judge/judge.ts';
import { measure } from '../../../src/judge/measure.ts';
import { replayWith } from '../../../src/judge/replay.ts';
import { madeUpDigits } from '../../../src/data/digits.ts';
import type { RunRecord } from '../../../src/record.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { run as train, type Run } from '../../../src/training/run.ts';
import { sealed, writeRun } from '../../../src/training/store.ts';
import { studyHead, studyRunOf } from '../../../src/study/run.ts';
import type { Study } from '../../../src/study/schema.ts';
import { sealStudy } from '../../../src/study/store.ts';
import { TINY } from '../../support/tiny-iteration.ts';

/** A project of one iteration in a repository of its own, trained in a moment, to break and to have judged. */

export const ID = TINY.id;
/** Fewer images than the other specs take: each case trains again. */
const IMAGES = madeUpDigits({ seed: 3, train: 320, test: 200 });
export const STUDY = `runs/${ID}.study.json`;
export const RECORD = `runs/${ID}.seed-1.json`;

const target = (fields: Partial<Target> & Pick<Target, 'metric' | 'operator' | 'target'>) => ({
  iteration: ID,
  unit: '',
  level: 'error' as const,
  over: fields.operator.startsWith('<') ? ('max' as const) : ('min' as const),
  spec: 'spec/9-tiny.spec.ts',
  test: 'promises',
  ...fields,
});
export const LOCK: Lock = {
  schema: LOCK_SCHEMA,
  targets: [
    target({ metric: 'final test accuracy', operator: '>=', target: 30, unit: '%' }),
    target({ metric: 'held test accuracy', operator: '>=', target: 10, unit: '%', from: 2, within: 3 }),
    target({ metric: 'parameters', operator: '<', target: 3_000 }),
  ],
};

export interface JudgedProject {
  readonly folder: string;
  readonly read: (file: string) => string;
  readonly write: (file: string, content: string | Uint8Array) => void;
  readonly remove: (file: string) => void;
  /** Changes a record and makes its seal fit again, as somebody would who reads the source. */
  readonly forge: (change: (record: RunRecord) => RunRecord, file?: string) => void;
  /** Writes the study of these seeds beside the record of seed 1. */
  readonly study: (...seeds: readonly number[]) => Promise<void>;
  /** Changes the study and makes its seal fit again. */
  readonly forgeStudy: (change: (study: Study) => Study) => void;
  readonly git: (...args: readonly string[]) => string;
  /** Commits what was changed and has it judged against the commit before. */
  readonly judged: (request?: Partial<JudgeRequest>) => Promise<Summary>;
  readonly dispose: () => void;
}

/** Each seed is trained once, however many projects have it. */
const TRAINED = new Map<number, Run>();

async function trainedOn(seed: number, backend: Backend): Promise<Run> {
  const run = TRAINED.get(seed) ?? (await train({ iteration: TINY, data: IMAGES, backend, seed }));
  TRAINED.set(seed, run);
  return run;
}

/** With the records of these seeds. */
export async function judgedProject(...seeds: readonly number[]): Promise<JudgedProject> {
  const backend = await selectBackend({ force: 'wasm' });
  const folder = mkdtempSync(join(tmpdir(), 'judged-'));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=spec', '-c', 'user.email=spec@example.invalid', ...args], {
      cwd: folder,
      stdio: 'pipe',
    })
      .toString()
      .trim();
  const commit = () => {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '-m', 'Change');
  };
  const write = (file: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  };
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  // Without the examples of hooks, which take longer to delete than all the rest.
  git('init', '--quiet', '--initial-branch=main', '--template=');
  write(LOCK_FILE, JSON.stringify(LOCK));
  for (const seed of seeds) {
    const { record, weights } = await trainedOn(seed, backend);
    writeRun(join(folder, 'runs'), record, weights);
  }
  commit();
  return {
    folder,
    read,
    write,
    git,
    remove: (file) => rmSync(join(folder, file)),
    forge: (change, file = RECORD) => {
      const { seal: _, ...forged } = change(JSON.parse(read(file)) as RunRecord);
      write(file, JSON.stringify(sealed(forged)));
    },
    study: async (...seedsOf) => {
      const made: Run[] = [];
      // One after another: a run counts its tensors.
      for (const seed of seedsOf) made.push(await trainedOn(seed, backend));
      const study = { ...studyHead(made[0]!.record), runs: made.map((each) => studyRunOf(each, IMAGES)) };
      write(STUDY, JSON.stringify(sealStudy(study)));
    },
    forgeStudy: (change) => {
      const { seal: _, ...forged } = change(JSON.parse(read(STUDY)) as Study);
      write(STUDY, JSON.stringify(sealStudy(forged)));
    },
    judged: (request = {}) => {
      commit();
      return judge(
        {
          repository: folder,
          base: 'HEAD^',
          head: 'HEAD',
          exact: false,
          prefix: '',
          runs: 'runs',
          replay: 'changed',
          ...request,
        },
        {
          data: IMAGES,
          measure: (record, weights) => measure(record, weights, { data: IMAGES, backend }),
          replay: replayWith({ data: IMAGES, backend, threads: 1 }),
        },
      );
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
