import type { Summary } from '../report/summary.ts';
import { toJobSummary } from './job-summary.ts';
import { COMMENT_CHARACTERS } from './limits.ts';

/** Room for the mark in front and the link behind. */
const FRAME = 1_000;

/** The summary as a comment, without the folded details, with a link to the run. Pure. */
export function toComment(summary: Summary, runUrl: string): string {
  const limit = { size: COMMENT_CHARACTERS - FRAME, sizeOf: (text: string) => text.length };
  return `${toJobSummary(summary, { limit, details: false })}\n[Curves, layers and mistakes](${runUrl})\n`;
}
