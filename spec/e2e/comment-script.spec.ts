import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markOf } from '../../src/github/sticky-comment.ts';
import { type FakeGitHub, SHA, startGitHub } from '../support/github.ts';
import { hostileSummary } from '../unit/github/hostile.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MARK = markOf('gate');

let hub: FakeGitHub;
beforeEach(async () => {
  hub = await startGitHub();
});
afterEach(() => hub.close());

describe('npm run ci:comment', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'comment-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('comments the summary of the run that ended', async () => {
    const run = await comment(hostileSummary(4));
    expect(run.output).toContain('The comment on pull request 7 is made.');
    expect(run.exitCode).toBe(0);
    expect(hub.comments[0]!.body).toContain(`${MARK}\n## ❌ 4 fail`);
  });

  test('does not repeat a summary that says "met" of a run that failed', async () => {
    const verdict = { status: 'pass', exitCode: 0, title: '58 targets met' };
    const run = await comment({ ...hostileSummary(4), verdict });
    expect(run.exitCode).toBe(0);
    expect(hub.comments[0]!.body).toContain(`${MARK}\n## ❌ The run ended with "failure"`);
    expect(hub.comments[0]!.body).toContain('"58 targets met", which does not count');
  });

  test('takes no summary that is not one', async () => {
    const run = await comment({ schema: 'other', iterations: '<script>' });
    expect(run.exitCode).toBe(4);
    expect(hub.comments).toEqual([]);
  });

  test('says nothing where the pull request is closed or has moved on', async () => {
    hub.pulls = [];
    const run = await comment(hostileSummary(4));
    expect(run.output).toContain('No open pull request');
    expect(run.exitCode).toBe(0);
    expect(hub.comments).toEqual([]);
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
      GITHUB_API_URL: hub.access.api,
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
