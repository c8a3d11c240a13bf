import { isDeepStrictEqual } from 'node:util';
import type { RunRecord } from '../record.ts';
import { describeSeeds } from './seeds.ts';
import type { Study, StudyRun } from './schema.ts';

/** What a study should be, from sources that do not lie in the study. */
export interface StudyExpectation {
  readonly id: string;
  readonly backend: string;
  /** The declared seeds. */
  readonly seeds: readonly number[];
  /** Computed from network, recipe, data and engine. */
  readonly fingerprint: string;
  readonly epochs: number;
  readonly data: Pick<RunRecord['data'], 'sha256' | 'train' | 'test' | 'classes'>;
  /** True class of every test image, where the data is at hand. */
  readonly labels?: ArrayLike<number>;
  /** The full record of one of the seeds: it and the study's run of that seed must say the same. */
  readonly record?: RunRecord;
}

/** What is wrong, in one line; with the seed that it is about, where it is about one. */
export interface Flaw {
  readonly kind: 'missing' | 'added' | 'doubled' | 'stale' | 'backend' | 'form';
  readonly seed?: number;
  readonly message: string;
}

/** Everything in which `study` (undefined: there is none) is not what it should be; empty: it is. Pure. */
export function auditStudy(study: Study | undefined, expected: StudyExpectation): Flaw[] {
  if (study === undefined) {
    return [
      {
        kind: 'missing',
        message: `${expected.id}: no study; declared: seeds ${describeSeeds(expected.seeds)}`,
      },
    ];
  }
  const runs = study.runs.flatMap((run) =>
    runFlaws(run, study, expected).map((message): Flaw => ({
      kind: 'form',
      seed: run.seed,
      message: `${study.id}, seed ${run.seed}: ${message}`,
    })),
  );
  return [
    ...headFlaws(study, expected),
    ...seedFlaws(study, expected),
    ...runs,
    ...recordFlaws(study, expected),
  ];
}

function headFlaws(study: Study, expected: StudyExpectation): Flaw[] {
  const flaws: Flaw[] = [];
  if (study.id !== expected.id) {
    flaws.push({ kind: 'form', message: `${expected.id}: its study says it is of ${study.id}` });
  }
  if (study.backend.name !== expected.backend) {
    const message = `${study.id}: trained on backend ${study.backend.name}, expected ${expected.backend}`;
    flaws.push({ kind: 'backend', message });
  }
  const { sha256, train, test, classes } = study.data;
  if (!isDeepStrictEqual({ sha256, train, test, classes }, { ...expected.data })) {
    flaws.push({ kind: 'stale', message: `${study.id}: trained or measured on other data` });
  }
  if (study.fingerprint !== expected.fingerprint) {
    const message = `${study.id}: its study is of another network, recipe, data or engine (seeds ${describeSeeds(seedsOf(study))} are stale)`;
    flaws.push({ kind: 'stale', message });
  }
  return flaws;
}

function seedFlaws(study: Study, expected: StudyExpectation): Flaw[] {
  const found = seedsOf(study);
  const declared = new Set(expected.seeds);
  const named = (kind: Flaw['kind'], seed: number, what: string): Flaw => ({
    kind,
    seed,
    message: `${study.id}: seed ${seed} ${what}`,
  });
  return [
    ...expected.seeds
      .filter((seed) => !found.includes(seed))
      .map((seed) => named('missing', seed, 'is declared and has no run')),
    ...[...new Set(found)]
      .filter((seed) => !declared.has(seed))
      .map((seed) => named('added', seed, 'has a run and is not declared')),
    ...[...new Set(found.filter((seed, i) => found.indexOf(seed) !== i))].map((seed) =>
      named('doubled', seed, 'has more than one run'),
    ),
  ];
}

/** In which a run's figures contradict the data's sizes, the recipe or each other. */
function runFlaws(run: StudyRun, study: Study, { epochs, data, labels }: StudyExpectation): string[] {
  const lists = ['trainCorrect', 'trainLoss', 'testCorrect', 'testLoss', 'seconds', 'weights'] as const;
  const flaws = lists
    .filter((key) => run[key].length !== epochs)
    .map((key) => `${run[key].length} epochs of ${key}, the recipe has ${epochs}`);
  const above = (counts: readonly number[], total: number) => counts.findIndex((count) => count > total);
  for (const [key, total] of [
    ['trainCorrect', data.train],
    ['testCorrect', data.test],
  ] as const) {
    const at = above(run[key], total);
    if (at !== -1) flaws.push(`${key} of epoch ${at + 1} is ${run[key][at]} of ${total} images`);
  }
  const wrong = data.test - run.testCorrect.at(-1)!;
  if (run.mistakes.length !== wrong) {
    flaws.push(`${run.mistakes.length} mistakes are listed, its last epoch has ${wrong}`);
  }
  const odd = run.mistakes.find(
    ([image, is, read], i) =>
      image >= data.test ||
      is >= study.data.classes ||
      read >= study.data.classes ||
      is === read ||
      image <= (run.mistakes[i - 1]?.[0] ?? -1) ||
      (labels !== undefined && labels[image] !== is),
  );
  if (odd) flaws.push(`the mistake [${odd.join(', ')}] cannot be: another label, order or size`);
  return flaws;
}

function recordFlaws(study: Study, { record }: StudyExpectation): Flaw[] {
  if (record === undefined) return [];
  const run = study.runs.find(({ seed }) => seed === record.seed);
  const differs = (what: string): Flaw[] => [
    {
      kind: 'form',
      seed: record.seed,
      message: `${study.id}, seed ${record.seed}: study and record differ in ${what}`,
    },
  ];
  if (run === undefined) return [];
  if (study.fingerprint !== record.fingerprint) return differs('their fingerprint');
  const at = record.epochs.findIndex(
    (epoch, i) =>
      epoch.trainCorrect !== run.trainCorrect[i] ||
      !Object.is(epoch.trainLoss, run.trainLoss[i]) ||
      epoch.testCorrect !== run.testCorrect[i] ||
      !Object.is(epoch.testLoss, run.testLoss[i]),
  );
  if (at !== -1) return differs(`the figures of epoch ${at + 1}`);
  if (record.weights.sha256 !== run.weights.at(-1)) return differs('the weights');
  if (!isDeepStrictEqual(mistakesByClass(run, study.data.classes), offDiagonal(record.confusion))) {
    return differs('the mistakes');
  }
  return [];
}

function seedsOf(study: Study): number[] {
  return study.runs.map(({ seed }) => seed);
}

/** [true class][predicted class], mistakes alone. */
export function mistakesByClass(run: Pick<StudyRun, 'mistakes'>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const [, is, read] of run.mistakes) counts[is]![read]!++;
  return counts;
}

function offDiagonal(confusion: readonly (readonly number[])[]): number[][] {
  return confusion.map((row, is) => row.map((count, read) => (is === read ? 0 : count)));
}
