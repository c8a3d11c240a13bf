import { fit, type Limit } from '../report/fit.ts';
import { sectionsOf } from '../report/markdown.ts';
import type { Summary } from '../report/summary.ts';
import { bytesOf, STEP_SUMMARY_BYTES } from './limits.ts';

export interface JobSummaryOptions {
  readonly limit?: Limit;
  /** Layers and mistakes of each iteration, folded. Default: true. */
  readonly details?: boolean;
}

/** The summary as a page of GitHub: what does not fit is counted, not cut. Pure. */
export function toJobSummary(summary: Summary, options: JobSummaryOptions = {}): string {
  const { limit = { size: STEP_SUMMARY_BYTES, sizeOf: bytesOf }, details = true } = options;
  return fit(sectionsOf(summary, details), limit);
}
