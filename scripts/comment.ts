import { readFile } from 'node:fs/promises';
import { echo } from 'zx';
import { z } from 'zod';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { toComment } from '../src/github/comment.ts';
import { findPullRequest, writeSticky } from '../src/github/sticky-comment.ts';
import { parseSummary } from '../src/report/summary.ts';

/**
 * `npm run ci:comment -- summary.json`: writes the verdict of another run as the one comment on its pull request. Runs in a
 * workflow_run job; the summary comes from code that nobody has reviewed, so it is data to check and to escape, no more; how the run ended GitHub says itself.
 */
const LABEL = 'gate';
/** A summary larger than that is not ours. */
const MAX_BYTES = 32 * 1024 * 1024;

const envSchema = z.object({
  GITHUB_API_URL: z.url(),
  GITHUB_REPOSITORY: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  GITHUB_TOKEN: z.string().min(1),
  GITHUB_EVENT_PATH: z.string().min(1),
});
const eventSchema = z.object({
  workflow_run: z.object({
    html_url: z.url(),
    conclusion: z.string().min(1),
    head_sha: z.string().regex(/^[0-9a-f]{40}$/),
    head_branch: z.string().min(1),
    head_repository: z.object({ owner: z.object({ login: z.string().min(1) }) }),
  }),
});

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new GateError('Which summary? npm run ci:comment -- reports/summary.json');
  const env = envSchema.parse(process.env);
  const { workflow_run: run } = eventSchema.parse(JSON.parse(await readFile(env.GITHUB_EVENT_PATH, 'utf8')));
  const bytes = await readFile(file);
  if (bytes.length > MAX_BYTES)
    throw new GateError(`${file} has ${bytes.length} bytes: that is no summary of a gate.`);
  const summary = parseSummary(bytes.toString('utf8'), file);
  const github = { api: env.GITHUB_API_URL, token: env.GITHUB_TOKEN, repository: env.GITHUB_REPOSITORY };
  const head = { sha: run.head_sha, owner: run.head_repository.owner.login, branch: run.head_branch };
  const pullRequest = await findPullRequest(github, head);
  if (pullRequest === undefined)
    return echo(`No open pull request has ${run.head_sha} as its head: no comment.`);
  const done = await writeSticky(
    github,
    pullRequest,
    LABEL,
    toComment(summary, run.html_url, run.conclusion),
  );
  echo(`The comment on pull request ${pullRequest} is ${done}.`);
}
