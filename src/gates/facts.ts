import type { Evidence } from '../record.ts';
import type { Source } from './source.ts';
import type { Verdict } from './verdict.ts';

/** What is known of a test run, whatever ran it: the input of `settle`. Plain data. */

export interface ErrorFact {
  readonly name: string;
  readonly message: string;
  /** Of a GateError: `missing` where what was found does not count, such as a record changed by hand. */
  readonly exitCode?: number;
}

export interface TestFact {
  /** Path of the spec file from the project's root, with forward slashes. */
  readonly spec: string;
  /** Full name, suites included. */
  readonly test: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  readonly todo: boolean;
  /** Attempts allowed beyond the first. */
  readonly retries: number;
  /** Attempts of which the rows are: more than one where the test was retried or repeated. */
  readonly attempts: number;
  /** What the rows were computed from, one an iteration. */
  readonly evidences: readonly Evidence[];
  /** Commit and lock that it ran on; absent: it told none. */
  readonly source?: Source;
  /** False if a filter by name or line left this test out. */
  readonly asked: boolean;
  readonly verdicts: readonly Verdict[];
  /** The test's first error, or that of a suite or hook around it. */
  readonly error?: ErrorFact;
}

export interface ModuleFact {
  readonly spec: string;
  readonly error?: ErrorFact;
}

export interface RunFacts {
  readonly modules: readonly ModuleFact[];
  readonly tests: readonly TestFact[];
}
