import type { Verdict } from '../gates/verdict.ts';
import type { Evidence } from '../record.ts';

/** What a test hands to the reporter through `task.meta`: plain JSON, it crosses processes and blobs. */
export interface GateMeta {
  /** Which attempt of the test the rows belong to; a new attempt starts with none. */
  readonly attempt: string;
  readonly verdicts: readonly Verdict[];
  /** Each evidence that a row was computed from, once. */
  readonly evidences: readonly Evidence[];
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
  const before = task.meta.gate?.attempt === attempt ? task.meta.gate : undefined;
  const evidences = (before?.evidences ?? []).filter((known) => known.id !== evidence.id);
  task.meta.gate = {
    attempt,
    verdicts: [...(before?.verdicts ?? []), ...verdicts],
    evidences: [...evidences, evidence],
  };
}
