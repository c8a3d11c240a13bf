import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gateProject } from '../../support/gate-project.ts';
import type { GateProject } from '../../support/gate-project.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** From the small project to this one. */
const UP = '../../..';
/** Judged in the small project as here; everything else that the workflow runs is left to specs of its own. */
const JUDGED = ['ci:matrix', 'ci:leg', 'ci:merge', 'ci:collect', 'ci:judge'];

interface JobOnFile {
  readonly name: string;
  readonly result: string;
  readonly exitCode: number;
  readonly annotations: readonly {
    readonly type: string;
    readonly message: string;
    readonly properties: Readonly<Record<string, string>>;
  }[];
}

export interface CiRun {
  readonly exitCode: number;
  readonly output: string;
  readonly jobs: readonly JobOnFile[];
  /** Of the folder that the rehearsal left: "gate/summary.md". */
  readonly file: (path: string) => Promise<string>;
}

/** The small project with the scripts that the workflows run, taken from this project's package.json. */
export async function ciProject(): Promise<GateProject> {
  const project = await gateProject();
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const own = Object.entries(scripts).map(([name, script]) => [
    name,
    JUDGED.includes(name)
      ? script.replace(/\b(src|scripts)\//g, `${UP}/$1/`).replace(' --project networks', '')
      : 'node --version',
  ]);
  const text = JSON.stringify({ type: 'module', private: true, scripts: Object.fromEntries(own) }, null, 2);
  await writeFile(join(project.folder, 'package.json'), text);
  return project;
}

/** `npm run ci:local` on that project. */
export async function ciLocal(project: GateProject, ...args: readonly string[]): Promise<CiRun> {
  const { exitCode, output } = await new Promise<{ exitCode: number; output: string }>((done) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'scripts/ci-local.ts'), '--root', project.folder, '--base', '', ...args],
      { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => done({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
  const file = (path: string) => readFile(join(project.folder, '.cache/ci', path), 'utf8');
  const jobs = await file('jobs.json').then(
    (text) => JSON.parse(text) as JobOnFile[],
    () => [],
  );
  return { exitCode, output, jobs, file };
}
