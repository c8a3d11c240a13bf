import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn } from '../files/claim.ts';
import { writeTogether } from '../files/write-whole.ts';
import { MARKDOWN_FILE, PAGE_FILE, SUMMARY_FILE } from './files.ts';
import { toMarkdown } from './markdown.ts';
import type { Summary } from './summary.ts';

/** The files that a run leaves: page, Markdown and data say the same. */

const LOCK = '.lock';

/** Takes away what an earlier run left: it must not speak for this one. Synchronous: before anything else happens. */
export function removeReports(folder: string): void {
  for (const file of [PAGE_FILE, SUMMARY_FILE, MARKDOWN_FILE]) rmSync(join(folder, file), { force: true });
}

export async function writeReports(folder: string, summary: Summary): Promise<void> {
  // Only here: the library of the drawings takes a moment to load, and most runs of Vitest are not a gate's.
  const { toPage } = await import('./page/page.ts');
  const files = [
    [join(folder, PAGE_FILE), toPage(summary)],
    [join(folder, SUMMARY_FILE), `${JSON.stringify(summary, null, 2)}\n`],
    [join(folder, MARKDOWN_FILE), toMarkdown(summary)],
  ] as const;
  // Two runs beside each other: else the page could be of one and the data of the other.
  inTurn(join(folder, LOCK), `Writing to ${folder}`, () => writeTogether(files));
}
