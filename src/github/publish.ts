import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MARKDOWN_FILE } from '../report/files.ts';
import type { Summary } from '../report/summary.ts';
import { markdownText } from '../report/text.ts';
import { annotationsOf, fromWorkspace } from './annotations.ts';
import type { Annotation } from './annotations.ts';
import { toJobSummary } from './job-summary.ts';
import { bytesOf, STEP_SUMMARY_BYTES } from './limits.ts';
import { outputsOf, outputsOfError } from './outputs.ts';
import type { Outputs } from './outputs.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The part of @actions/core that is used, so that tests can listen. */
export type ActionsCore = Pick<typeof import('@actions/core'), 'error' | 'warning' | 'setOutput'>;

export interface Publishing {
  /** The project's root, which the files of the summary are told from. */
  readonly root: string;
  /** Folder of summary.md, from the root. */
  readonly folder: string;
  readonly env?: Env;
  readonly core?: ActionsCore;
}

/**
 * Hands a summary to GitHub, as far as the environment asks for it: GITHUB_STEP_SUMMARY (the page of the job),
 * GITHUB_ACTIONS (annotations), GITHUB_OUTPUT (outputs of the step). Without these variables it does nothing; on a
 * developer's machine they can be set to see what GitHub would.
 */
export async function publish(
  summary: Summary,
  { root, folder, env = process.env, core }: Publishing,
): Promise<void> {
  const place = { root, workspace: env['GITHUB_WORKSPACE'] || root };
  const path = fromWorkspace(join(folder, MARKDOWN_FILE), place);
  await appendSummary(env, (size) => toJobSummary(summary, { limit: { size, sizeOf: bytesOf } }));
  await tell(env, core, annotationsOf(summary, place), outputsOf(summary, path));
}

/** Says on the same channels that the gate could not judge, and why. */
export async function publishError(
  message: string,
  exitCode: number,
  { env = process.env, core }: Pick<Publishing, 'env' | 'core'> = {},
): Promise<void> {
  await appendSummary(env, () => `## ❌ The gate could not judge\n\n${markdownText(message, 2_000)}\n`);
  const annotation = { type: 'error', title: 'The gate could not judge', message } as const;
  await tell(env, core, [annotation], outputsOfError(message, exitCode));
}

async function tell(
  env: Env,
  given: ActionsCore | undefined,
  annotations: readonly Annotation[],
  outputs: Outputs,
): Promise<void> {
  const annotates = env['GITHUB_ACTIONS'] === 'true';
  if (!annotates && !env['GITHUB_OUTPUT']) return;
  // Only here: it is slow to load, and most runs are not on GitHub.
  const core = given ?? (await import('@actions/core'));
  for (const { type, title, message, file, line } of annotates ? annotations : []) {
    core[type](message, {
      title,
      ...(file === undefined ? {} : { file }),
      ...(line ? { startLine: line } : {}),
    });
  }
  if (!env['GITHUB_OUTPUT']) return;
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}

/** Behind what the step has written already, which counts against the same limit. */
async function appendSummary(env: Env, render: (size: number) => string): Promise<void> {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (!file) return;
  const taken = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  await appendFile(file, render(STEP_SUMMARY_BYTES - taken));
}
