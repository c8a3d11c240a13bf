import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { toPlain } from '../figure.ts';
import type { Source } from '../gates/source.ts';
import type { Verdict } from '../gates/verdict.ts';
import type { Evidence } from '../record.ts';
import { sourceOf } from './source.ts';

/** Set by `targets --update`: matchers record what is promised and let the test go on. */
export const DECLARE_ONLY = 'GATE_DECLARE_ONLY';

/** What a test hands to the reporter through `task.meta`: plain JSON, it crosses processes and blobs. */
export interface GateMeta {
  /** Rows of all attempts: a test that is repeated must keep its promises each time. */
  readonly verdicts: readonly Verdict[];
  /** How many attempts left rows. */
  readonly attempts: readonly string[];
  /** What it ran on. */
  readonly source: Source;
  /** Each evidence that a row was computed from, once; numbers that JSON does not know are words (`toPlain`). */
  readonly evidences: readonly unknown[];
}

declare module 'vitest' {
  interface TaskMeta {
    gate?: GateMeta;
  }
}

/** The part of Vitest's task that rows are kept on. */
export interface TaskWithMeta {
  readonly meta: { gate?: GateMeta };
  readonly result?: { readonly retryCount?: number; readonly repeatCount?: number } | undefined;
  readonly file: { readonly filepath: string };
}

/** Adds rows to the task, before the assertion can throw. */
export function record(task: TaskWithMeta, evidence: Evidence, verdicts: readonly Verdict[]): void {
  const attempt = `${task.result?.repeatCount ?? 0}/${task.result?.retryCount ?? 0}`;
  const before = task.meta.gate;
  const plain = toPlain(evidence);
  const evidences = before?.evidences ?? [];
  const known = evidences.some((each) => isDeepStrictEqual(each, plain));
  task.meta.gate = {
    source: sourceOf(dirname(task.file.filepath)),
    attempts: [...new Set([...(before?.attempts ?? []), attempt])],
    verdicts: [...(before?.verdicts ?? []), ...verdicts],
    evidences: known ? evidences : [...evidences, plain],
  };
}
