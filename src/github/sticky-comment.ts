import { z } from 'zod';
import { GateError } from '../errors.ts';

/** The part of fetch that is used, so that tests can stand in for GitHub. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Response>;

export interface GitHub {
  /** "https://…" of the REST API. */
  readonly api: string;
  readonly token: string;
  /** "owner/name". */
  readonly repository: string;
  readonly fetch?: Fetch;
}

/** The commit that was measured, and where it was pushed to. All of it is foreign text. */
export interface Head {
  readonly sha: string;
  readonly owner: string;
  readonly branch: string;
}

/** Who writes with the token of a workflow; a comment with our label by anyone else is not ours. */
const BOT = 'github-actions[bot]';
const PER_PAGE = 100;
/** Pages of comments to look through for ours. */
const PAGES = 30;

const pullsSchema = z.array(
  z.object({ number: z.number().int().positive(), head: z.object({ sha: z.string() }) }),
);
const commentsSchema = z.array(
  z.object({
    id: z.number().int().positive(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
  }),
);

/**
 * The open pull request whose head is that commit, asked of GitHub and not of the pull request's artifacts; undefined if
 * there is none any more (closed, or pushed to since).
 */
export async function findPullRequest(github: GitHub, head: Head): Promise<number | undefined> {
  const query = new URLSearchParams({
    state: 'open',
    head: `${head.owner}:${head.branch}`,
    per_page: String(PER_PAGE),
  });
  const pulls = pullsSchema.parse(await request(github, 'GET', `pulls?${query}`));
  return pulls.find((pull) => pull.head.sha === head.sha)?.number;
}

/** Writes the one comment with `label`: over the one that is there, else a new one. */
export async function writeSticky(
  github: GitHub,
  pullRequest: number,
  label: string,
  text: string,
): Promise<'made' | 'renewed'> {
  const mark = markOf(label);
  const body = `${mark}\n${text}`;
  for (let page = 1; page <= PAGES; page++) {
    const path = `issues/${pullRequest}/comments?per_page=${PER_PAGE}&page=${page}`;
    const comments = commentsSchema.parse(await request(github, 'GET', path));
    const own = comments.find((comment) => comment.user?.login === BOT && comment.body?.startsWith(mark));
    if (own) {
      await request(github, 'PATCH', `issues/comments/${own.id}`, { body });
      return 'renewed';
    }
    if (comments.length < PER_PAGE) break;
  }
  await request(github, 'POST', `issues/${pullRequest}/comments`, { body });
  return 'made';
}

/** The first line of a comment, which a reader does not see: tells several gates of one repository apart. */
export function markOf(label: string): string {
  if (/^[\w.-]+$/.test(label)) return `<!-- codecodecode: ${label} -->`;
  throw new GateError(`The label "${label}" of a comment may hold letters, digits, dots and dashes only.`);
}

async function request(github: GitHub, method: string, path: string, body?: unknown): Promise<unknown> {
  const call: Fetch = github.fetch ?? fetch;
  const response = await call(`${github.api}/repos/${github.repository}/${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${github.token}`,
      'content-type': 'application/json',
      'user-agent': 'codecodecode',
      'x-github-api-version': '2022-11-28',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response.json();
  throw new GateError(
    `GitHub answered ${response.status} to ${method} ${path.split('?')[0]}: the job needs "pull-requests: write".`,
  );
}
