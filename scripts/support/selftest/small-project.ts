import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { $ } from 'zx';
import { cleanEnvironment } from '../../../src/base/git.ts';
import { selectBackend } from '../../../src/backend/select.ts';
import { run } from '../../../src/training/run.ts';
import { recordFile, sealed, weightsFile, writeRun } from '../../../src/training/store.ts';
import { data, digits } from '../../../spec/fixtures/digits/digits.ts';

/**
 * The project of spec/fixtures/digits as a repository of its own: its network trained, its record committed, the scripts
 * of this project's workflows in its package.json. What a pull request is made of, in small.
 */

const ROOT = resolve(import.meta.dirname, '../../..');
const FIXTURE = join(ROOT, 'spec/fixtures/digits');
/** Ignored by git, and as deep as the fixture, so that its imports hold. */
const COPIES = join(ROOT, '.cache/fixtures');
/** Run in the small project as here; everything else that a workflow runs is left to specs of its own. */
const SAME_SCRIPTS = ['ci:matrix', 'ci:leg', 'ci:merge', 'ci:collect', 'ci:judge', 'judge'];
/** What the judge measures on: of this check-out, never of the one that is judged. */
export const JUDGE_DATA = join(FIXTURE, 'digits.ts');

/** Makes one, in a folder of its own; the caller deletes it. */
export async function makeSmallProject(): Promise<string> {
  await mkdir(COPIES, { recursive: true });
  const folder = await mkdtemp(join(COPIES, 'small-'));
  await cp(FIXTURE, folder, { recursive: true, filter: isSource });
  await writeFile(join(folder, 'package.json'), await packageJson());
  await writeFile(join(folder, '.gitignore'), 'reports/\n.cache/\n');
  await trainInto(folder, 1);
  await commitAll(folder);
  return folder;
}

/** Trains the small network and writes its record; `as`: passes it off as the run of another seed. */
export async function trainInto(
  folder: string,
  seed: number,
  { as = seed }: { readonly as?: number } = {},
): Promise<void> {
  const backend = await selectBackend({ force: 'wasm' });
  const { record, weights } = await run({ iteration: digits, data, backend, seed });
  const { seal: _, ...rest } = record;
  const file = weightsFile(recordFile(record.id, as, backend.name), record.weights.sha256);
  writeRun(
    join(folder, 'runs'),
    sealed({ ...rest, seed: as, weights: { ...record.weights, file } }),
    weights,
  );
}

/** A copy of one that is made already, repository included. */
export async function copySmallProject(template: string): Promise<string> {
  const folder = await mkdtemp(join(COPIES, 'small-'));
  await cp(template, folder, { recursive: true });
  return folder;
}

export async function removeSmallProject(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Commits all that lies in a folder; the first time it becomes a repository. */
export async function commitAll(folder: string): Promise<void> {
  const git = $({ cwd: folder, quiet: true, env: cleanEnvironment(process.env) as NodeJS.ProcessEnv });
  const author = ['-c', 'user.name=selftest', '-c', 'user.email=selftest@example.invalid'];
  await git`git init --quiet --initial-branch=main`;
  await git`git add --all`;
  await git`git ${author} commit --quiet --allow-empty -m Change`;
}

/** By absolute paths: the judge runs in a check-out further down. */
async function packageJson(): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const own = Object.entries(scripts).map(([name, script]) => {
    if (!SAME_SCRIPTS.includes(name)) return [name, 'node --version'];
    const absolute = script
      .replace(/\b(src|scripts)\//g, (_, room: string) => `${join(ROOT, room)}/`)
      .replace(' --project networks', '');
    return [name, name === 'judge' ? `${absolute} --data ${JUDGE_DATA}` : absolute];
  });
  return JSON.stringify({ type: 'module', private: true, scripts: Object.fromEntries(own) }, null, 2);
}

/** What a run of the fixture itself has left there is no part of it. */
function isSource(path: string): boolean {
  return !/[/\\](?:runs|reports)(?:[/\\]|$)/.test(path.slice(FIXTURE.length));
}
