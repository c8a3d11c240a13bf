import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** GitHub's API, as far as the comment on a pull request uses it: on a port of this machine, with one open pull request. */

export const SHA = 'a'.repeat(40);
export const BOT = 'github-actions[bot]';

export interface Comment {
  id: number;
  body: string;
  user: { login: string };
}

export interface FakeGitHub {
  readonly access: { readonly api: string; readonly token: string; readonly repository: string };
  comments: Comment[];
  pulls: unknown[];
  /** Every request, in order. */
  readonly asked: string[];
  close(): Promise<unknown>;
}

export async function startGitHub(): Promise<FakeGitHub> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body =
        chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as { body: string }) : undefined;
      const { status, answer } = answerTo(hub, request.method!, request.url!, body?.body ?? '');
      response.writeHead(request.headers.authorization === 'Bearer secret' ? status : 401, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const hub: FakeGitHub = {
    access: { api: `http://127.0.0.1:${port}`, token: 'secret', repository: 'owner/name' },
    comments: [],
    pulls: [{ number: 7, head: { sha: SHA } }],
    asked: [],
    close: () => new Promise((closed) => void server.close(closed)),
  };
  return hub;
}

/** The four requests of GitHub's API that are used. */
function answerTo(
  hub: FakeGitHub,
  method: string,
  url: string,
  body: string,
): { status: number; answer: unknown } {
  hub.asked.push(`${method} ${url}`);
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname === '/repos/owner/name/pulls') return { status: 200, answer: hub.pulls };
  if (method === 'PATCH') {
    const comment = hub.comments.find(({ id }) => pathname === `/repos/owner/name/issues/comments/${id}`)!;
    comment.body = body;
    return { status: 200, answer: comment };
  }
  if (method === 'POST') {
    hub.comments.push({ id: hub.comments.length + 1, body, user: { login: BOT } });
    return { status: 201, answer: hub.comments.at(-1) };
  }
  const from = (Number(searchParams.get('page')) - 1) * 100;
  return { status: 200, answer: hub.comments.slice(from, from + 100) };
}
