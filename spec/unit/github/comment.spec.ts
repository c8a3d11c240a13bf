import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toComment } from '../../../src/github/comment.ts';
import { COMMENT_CHARACTERS } from '../../../src/github/limits.ts';
import { findPullRequest, markOf, writeSticky } from '../../../src/github/sticky-comment.ts';
import { BOT, type FakeGitHub, SHA, startGitHub } from '../../support/github.ts';
import { hostileSummary } from './hostile.ts';

const MARK = markOf('gate');

let hub: FakeGitHub;
beforeEach(async () => {
  hub = await startGitHub();
});
afterEach(() => hub.close());

describe('the comment on a pull request', () => {
  test('is made once and renewed after that', async () => {
    expect(await writeSticky(hub.access, 7, 'gate', 'first')).toBe('made');
    expect(await writeSticky(hub.access, 7, 'gate', 'second')).toBe('renewed');
    expect(hub.comments.map(({ body }) => body)).toEqual([`${MARK}\nsecond`]);
  });

  test('is found behind many others', async () => {
    hub.comments = Array.from({ length: 250 }, (_, i) => ({
      id: i + 1,
      body: 'talk',
      user: { login: 'someone' },
    }));
    hub.comments.push({ id: 251, body: `${MARK}\nfirst`, user: { login: BOT } });
    expect(await writeSticky(hub.access, 7, 'gate', 'second')).toBe('renewed');
    expect(hub.comments).toHaveLength(251);
  });

  test('never overwrites what a person wrote, whatever it begins with, nor another gate’s', async () => {
    hub.comments = [
      { id: 1, body: `${MARK}\nmine`, user: { login: 'someone' } },
      { id: 2, body: `${markOf('other')}\nanother`, user: { login: BOT } },
    ];
    expect(await writeSticky(hub.access, 7, 'gate', 'text')).toBe('made');
    expect(hub.comments.map(({ body }) => body)).toEqual([
      `${MARK}\nmine`,
      `${markOf('other')}\nanother`,
      `${MARK}\ntext`,
    ]);
    expect(() => markOf('-->')).toThrow('may hold letters');
  });

  test('goes to the open pull request whose head is what was measured', async () => {
    const head = { sha: SHA, owner: 'someone', branch: 'a&state=closed #x' };
    expect(await findPullRequest(hub.access, head)).toBe(7);
    expect(hub.asked[0]).toBe(
      'GET /repos/owner/name/pulls?state=open&head=someone%3Aa%26state%3Dclosed+%23x&per_page=100',
    );
    hub.pulls = [{ number: 7, head: { sha: 'b'.repeat(40) } }];
    expect(await findPullRequest(hub.access, head)).toBeUndefined();
  });

  test('says which permission is missing', async () => {
    await expect(writeSticky({ ...hub.access, token: 'wrong' }, 7, 'gate', 'x')).rejects.toThrow(
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
