import type { Summary } from '../report/summary.ts';
import { markdownText } from '../report/text.ts';
import { toJobSummary } from './job-summary.ts';
import { COMMENT_CHARACTERS } from './limits.ts';

/** Room for the mark in front and the link behind. */
const FRAME = 1_000;

/**
 * The summary as a comment, without the folded details, with a link to the run. `conclusion` is GitHub's word on the run:
 * where that is not "success", a summary that says "met" does not speak for it. Pure.
 */
export function toComment(summary: Summary, runUrl: string, conclusion: string): string {
  if (conclusion !== 'success' && summary.verdict.status === 'pass') {
    return [
      `## ❌ The run ended with "${markdownText(conclusion)}"`,
      '',
      `Its report says "${markdownText(summary.verdict.title)}", which does not count: look at [the jobs](${runUrl}).`,
      '',
    ].join('\n');
  }
  const limit = { size: COMMENT_CHARACTERS - FRAME, sizeOf: (text: string) => text.length };
  return `${toJobSummary(summary, { limit, details: false })}\n[Curves, layers and mistakes](${runUrl})\n`;
}
