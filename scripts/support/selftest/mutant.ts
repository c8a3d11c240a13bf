import type { Copy, Ended, Variables } from './copy.ts';

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
const STRUCTURE_SPECS = ['spec/unit/report/readme-in-step.spec.ts', 'spec/unit/report/wired.spec.ts'];

/** What runs on the unbroken copy, green, and on the mutants of each kind, red. */
export const BASES = {
  'made-up digits': {
    about: `the network of ${DIGITS}, trained`,
    gate: (copy: Copy) => digits(copy),
  },
  '5-lr-scheduler': {
    about: `the record of ${NETWORK}, measured again on MNIST`,
    gate: (copy: Copy) => network(copy),
  },
  structure: {
    about: 'the specs that hold README and configuration in step',
    gate: (copy: Copy) => copy.vitest(['--project', 'unit', ...STRUCTURE_SPECS], { GATE_SCOPE: 'none' }),
  },
} as const;

/** Trains the small network, or measures its record again where the copy has one. */
export function digits(copy: Copy, variables: Variables = {}): Promise<Ended> {
  return copy.vitest(['--root', DIGITS], variables);
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
