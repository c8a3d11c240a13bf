import { withCopy, withSmallCopy } from './copy.ts';
import type { Copy, Ended, Variables } from './copy.ts';
import { FACT_SPECS } from './mutants/facts.ts';
import { JUDGE_DATA } from './small-project.ts';

/** One way to break the project, and how the gate must answer. */
export interface Mutant {
  readonly name: string;
  /** What is broken, for the table. */
  readonly breaks: string;
  readonly base: BaseName;
  readonly exitCode: 1 | 2 | 3 | 4;
  /** Words of the output that name the cause; the unbroken copy must not say them. */
  readonly says: string;
  readonly break: (copy: Copy) => Promise<void>;
  /** Absent: as the base runs it. */
  readonly gate?: (copy: Copy) => Promise<Ended>;
}

export type BaseName = keyof typeof BASES;

/** The small project whose network is trained within a second. */
export const DIGITS = 'spec/fixtures/digits';
export const NETWORK = '5-lr-scheduler';
export const NETWORK_SPEC = `spec/networks/${NETWORK}.spec.ts`;
export const NETWORK_RECORD = `runs/${NETWORK}.seed-1.json`;
const STRUCTURE_SPECS = ['spec/repository/readme-in-step.spec.ts', 'spec/repository/wired.spec.ts'];

/** A small project with records made by hand: nothing is trained or measured. */
export const RECORDS = 'spec/fixtures/gate';

/** What runs on the unbroken copy, green, and on the mutants of each kind, red. */
export const BASES = {
  'made-up digits': {
    about: `the network of ${DIGITS}, trained`,
    copy: withCopy,
    gate: (copy: Copy) => digits(copy),
  },
  '5-lr-scheduler': {
    about: `the record of ${NETWORK}, measured again on MNIST`,
    copy: withCopy,
    gate: (copy: Copy) => network(copy),
  },
  'hand-made records': {
    about: `the targets of ${RECORDS}`,
    copy: withCopy,
    gate: (copy: Copy) => records(copy),
  },
  facts: {
    about: 'the specs of what is counted on a model',
    copy: withCopy,
    gate: (copy: Copy) => copy.vitest(['--project', 'unit', ...FACT_SPECS], { GATE_SCOPE: 'none' }),
  },
  'pull request': {
    about: 'the small project, a change of nothing that counts: its own report, and the judge outside of it',
    copy: withSmallCopy,
    gate: (copy: Copy) => reportedAndJudged(copy),
  },
  judge: {
    about: 'the small project, a change of nothing that counts, judged from its lock and records alone',
    copy: withSmallCopy,
    gate: (copy: Copy) => committedAndJudged(copy),
  },
  structure: {
    about: 'the specs that hold README and configuration in step',
    copy: withCopy,
    gate: (copy: Copy) => copy.vitest(['--project', 'unit', ...STRUCTURE_SPECS], { GATE_SCOPE: 'none' }),
  },
} as const;

/** Trains the small network, or measures its record again where the copy has one. */
export function digits(copy: Copy, variables: Variables = {}): Promise<Ended> {
  return copy.vitest(['--root', DIGITS], variables);
}

/** The small project of hand-made records, as the whole of a run. */
export function records(copy: Copy, args: readonly string[] = [], variables: Variables = {}): Promise<Ended> {
  return copy.vitest(['--root', RECORDS, ...args], variables);
}

/** One leg of the matrix: a record of the six, measured again, never trained. */
export function network(copy: Copy, variables: Variables = {}, id: string = NETWORK): Promise<Ended> {
  return copy.vitest(['--project', 'networks', `spec/networks/${id}.spec.ts`], {
    GATE_SCOPE: id,
    GATE_TRAIN: 'never',
    GATE_BACKEND: 'wasm',
    ...variables,
  });
}

/** What a leg of the matrix and the job after it do: the specs run as the change has them, then the judge compares. */
export async function reportedAndJudged(
  copy: Copy,
  args: readonly string[] = [],
  variables: Variables = {},
): Promise<Ended> {
  // Known before anything of the change runs.
  const base = await copy.head();
  await copy.vitest(args, variables);
  await copy.commit();
  return judged(copy, ['--base', base, '--reported', 'reports/summary.json']);
}

/** The judge of the unbroken check-out on what was committed. */
export function judged(copy: Copy, args: readonly string[]): Promise<Ended> {
  const judge = ['judge', '--data', JUDGE_DATA, '--reports', '.cache/judge'];
  return copy.trusted('src/bin/codecodecode.ts', [...judge, ...args]);
}

/** The judge alone, on the change as it lies there. */
export async function committedAndJudged(copy: Copy, ...args: readonly string[]): Promise<Ended> {
  const base = await copy.head();
  await copy.commit();
  return judged(copy, ['--base', base, ...args]);
}

/** The whole workflow of a pull request, on this machine. */
export async function rehearsed(copy: Copy): Promise<Ended> {
  return copy.trusted('scripts/ci-local.ts', ['--root', copy.folder, '--base', 'HEAD']);
}
