import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeSmallProject, removeSmallProject } from '../../scripts/support/selftest/small-project.ts';
import { editorOf } from './edit.ts';

const ROOT = resolve(import.meta.dirname, '../..');

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

export interface CiProject {
  readonly folder: string;
  /** Replaces text that must be there. */
  readonly edit: (file: string, from: string, to: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

export interface CiRun {
  readonly exitCode: number;
  readonly output: string;
  readonly jobs: readonly JobOnFile[];
  /** Of the folder that the rehearsal left: "gate/summary.md". */
  readonly file: (path: string) => Promise<string>;
}

/** The small project as a repository of its own, with the scripts that the workflows run. */
export async function ciProject(): Promise<CiProject> {
  const folder = await makeSmallProject();
  return {
    folder,
    edit: editorOf(folder),
    dispose: () => removeSmallProject(folder),
  };
}

/** `npm run ci:local` on that project, its working tree being the change. */
export async function ciLocal(project: CiProject, ...args: readonly string[]): Promise<CiRun> {
  const { exitCode, output } = await new Promise<{ exitCode: number; output: string }>((done) => {
    const child = execFile(
      process.execPath,
      [
        '--import',
        'tsx',
        join(ROOT, 'scripts/ci-local.ts'),
        '--root',
        project.folder,
        '--base',
        'HEAD',
        ...args,
      ],
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
