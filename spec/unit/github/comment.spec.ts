import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toComment } from '../../../src/github/comment.ts';
import { COMMENT_CHARACTERS } from '../../../src/github/limits.ts';
import { findPullRequest, markOf, writeSticky } from '../../../src/github/sticky-comment.ts';
import { hostileSummary } from './hostile.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SHA = 'a'.repeat(40);
const BOT = 'github-actions[bot]';
const MARK = markOf('gate');

interface Comment {
  id: number;
  body: string;
  user: { login: string };
}

let server: Server;
let comments: Comment[];
let pulls: unknown[];
let asked: string[];
beforeEach(async () => {
  comments = [];
  pulls = [{ number: 7, head: { sha: SHA } }];
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body =
        chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as { body: string }) : undefined;
      const { status, answer } = answerTo(request.method!, request.url!, body?.body ?? '');
      response.writeHead(request.headers.authorization === 'Bearer secret' ? status : 401, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
});
afterEach(() => new Promise((closed) => void server.close(closed)));

describe('the comment on a pull request', () => {
  test('is made once and renewed after that', async () => {
    expect(await writeSticky(github(), 7, 'gate', 'first')).toBe('made');
    expect(await writeSticky(github(), 7, 'gate', 'second')).toBe('renewed');
    expect(comments.map(({ body }) => body)).toEqual([`${MARK}\nsecond`]);
  });

  test('is found behind many others', async () => {
    comments = Array.from({ length: 250 }, (_, i) => ({
      id: i + 1,
      body: 'talk',
      user: { login: 'someone' },
    }));
    comments.push({ id: 251, body: `${MARK}\nfirst`, user: { login: BOT } });
    expect(await writeSticky(github(), 7, 'gate', 'second')).toBe('renewed');
    expect(comments).toHaveLength(251);
  });

  test('never overwrites what a person wrote, whatever it begins with, nor another gate’s', async () => {
    comments = [
      { id: 1, body: `${MARK}\nmine`, user: { login: 'someone' } },
      { id: 2, body: `${markOf('other')}\nanother`, user: { login: BOT } },
    ];
    expect(await writeSticky(github(), 7, 'gate', 'text')).toBe('made');
    expect(comments.map(({ body }) => body)).toEqual([
      `${MARK}\nmine`,
      `${markOf('other')}\nanother`,
      `${MARK}\ntext`,
    ]);
    expect(() => markOf('-->')).toThrow('may hold letters');
  });

  test('goes to the open pull request whose head is what was measured', async () => {
    const head = { sha: SHA, owner: 'someone', branch: 'a&state=closed #x' };
    expect(await findPullRequest(github(), head)).toBe(7);
    expect(asked[0]).toBe(
      'GET /repos/owner/name/pulls?state=open&head=someone%3Aa%26state%3Dclosed+%23x&per_page=100',
    );
    pulls = [{ number: 7, head: { sha: 'b'.repeat(40) } }];
    expect(await findPullRequest(github(), head)).toBeUndefined();
  });

  test('says which permission is missing', async () => {
    await expect(writeSticky({ ...github(), token: 'wrong' }, 7, 'gate', 'x')).rejects.toThrow(
      'GitHub answered 401 to GET issues/7/comments: the job needs "pull-requests: write".',
    );
  });

  test('stays within the limit with 1,000 hostile targets, and links to the run', { timeout: 60_000 }, () => {
    const text = toComment(hostileSummary(1_000), 'https://example.com/run', 'failure');
    expect(`${MARK}\n${text}`.length).toBeLessThanOrEqual(COMMENT_CHARACTERS);
    expect(text).toMatch(/\n\d+ more causes: see the artifacts\.\n/);
    expect(text).not.toContain('mermaid');
    expect(text).toContain('(https://example.com/run)');
  });
});

describe('npm run ci:comment', { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'comment-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('comments the summary of the run that ended', async () => {
    const run = await comment(hostileSummary(4));
    expect(run.output).toContain('The comment on pull request 7 is made.');
    expect(run.exitCode).toBe(0);
    expect(comments[0]!.body).toContain(`${MARK}\n## ❌ 4 fail`);
  });

  test('does not repeat a summary that says "met" of a run that failed', async () => {
    const verdict = { status: 'pass', exitCode: 0, title: '58 targets met' };
    const run = await comment({ ...hostileSummary(4), verdict });
    expect(run.exitCode).toBe(0);
    expect(comments[0]!.body).toContain(`${MARK}\n## ❌ The run ended with "failure"`);
    expect(comments[0]!.body).toContain('"58 targets met", which does not count');
  });

  test('takes no summary that is not one', async () => {
    const run = await comment({ schema: 'other', iterations: '<script>' });
    expect(run.exitCode).toBe(4);
    expect(comments).toEqual([]);
  });

  test('says nothing where the pull request is closed or has moved on', async () => {
    pulls = [];
    const run = await comment(hostileSummary(4));
    expect(run.output).toContain('No open pull request');
    expect(run.exitCode).toBe(0);
    expect(comments).toEqual([]);
  });

  async function comment(summary: unknown) {
    const event = {
      workflow_run: {
        html_url: 'https://example.com/run',
        conclusion: 'failure',
        head_sha: SHA,
        head_branch: 'topic',
        head_repository: { owner: { login: 'someone' } },
      },
    };
    await writeFile(join(folder, 'event.json'), JSON.stringify(event));
    await writeFile(join(folder, 'summary.json'), JSON.stringify(summary));
    const env = {
      ...process.env,
      GITHUB_API_URL: github().api,
      GITHUB_REPOSITORY: 'owner/name',
      GITHUB_TOKEN: 'secret',
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
    };
    return new Promise<{ exitCode: number; output: string }>((done) => {
      const args = ['--import', 'tsx', join(ROOT, 'scripts/comment.ts'), join(folder, 'summary.json')];
      const child = execFile(process.execPath, args, { cwd: ROOT, env }, (_error, stdout, stderr) =>
        done({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
      );
    });
  }
});

function github() {
  const { port } = server.address() as AddressInfo;
  return { api: `http://127.0.0.1:${port}`, token: 'secret', repository: 'owner/name' };
}

/** The four requests of GitHub's API that are used. */
function answerTo(method: string, url: string, body: string): { status: number; answer: unknown } {
  asked.push(`${method} ${url}`);
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname === '/repos/owner/name/pulls') return { status: 200, answer: pulls };
  if (method === 'PATCH') {
    const comment = comments.find(({ id }) => pathname === `/repos/owner/name/issues/comments/${id}`)!;
    comment.body = body;
    return { status: 200, answer: comment };
  }
  if (method === 'POST') {
    comments.push({ id: comments.length + 1, body, user: { login: BOT } });
    return { status: 201, answer: comments.at(-1) };
  }
  const from = (Number(searchParams.get('page')) - 1) * 100;
  return { status: 200, answer: comments.slice(from, from + 100) };
}
