import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { GateError, messageOf } from '../../../src/errors.ts';
import { annotationsIn } from './annotations.ts';
import type { ShownAnnotation } from './annotations.ts';
import { download, upload } from './artifacts.ts';
import { checkOut, hasOwnFolder, install } from './checkout.ts';
import { fill, holds } from './expressions.ts';
import type { Contexts } from './expressions.ts';
import { parseOutputs } from './outputs-file.ts';
import type { Job, Step } from './workflow.ts';

/** Everything that a job takes from the machine and from the jobs before. */
export interface Surroundings {
  /** The project: working folder of a job that does not check out into a folder of its own. */
  readonly root: string;
  /** This job's own: summary, outputs, log, temporary files. */
  readonly folder: string;
  /** In the place of GitHub's store of artifacts. */
  readonly store: string;
  readonly contexts: Contexts;
  /** What GitHub says of the event. */
  readonly github: Readonly<Record<string, unknown>>;
  readonly onStep: (step: string, state: string) => void;
}

export interface JobResult {
  readonly result: 'success' | 'failure';
  /** The highest of its steps. */
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly ShownAnnotation[];
  readonly log: string;
}

/** Done on GitHub to a fresh machine; this one is ready. */
const PREPARATIONS = ['actions/setup-node', 'actions/cache'];
const INSTALL = 'npm ci';
/** Set by whoever starts the rehearsal, and not what GitHub would set. */
const OWN_VARIABLES = /^(?:CI|NODE_ENV|NO_COLOR|TEST)$|^(?:GITHUB|GATE|RUNNER|VITEST|npm)_/;

/** Runs the steps of a job as GitHub's runner would. Throws GateError for a step that it cannot run. */
export async function runJob(job: Job, surroundings: Surroundings): Promise<JobResult> {
  const { folder, contexts, onStep } = surroundings;
  const temp = join(folder, 'temp');
  const workspace = job.steps.some((step) => hasOwnFolder(step.uses, step.with))
    ? join(folder, 'workspace')
    : surroundings.root;
  await mkdir(temp, { recursive: true });
  await mkdir(workspace, { recursive: true });
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const logs: string[] = [];
  let exitCode = 0;
  for (const [i, step] of job.steps.entries()) {
    const inStep: Contexts = {
      ...contexts,
      steps,
      runner: { temp },
      github: { ...surroundings.github, workspace },
    };
    if (!holds(step.if, inStep, { failed: exitCode > 0 })) {
      onStep(step.name, 'left out');
      continue;
    }
    const started = performance.now();
    const done = await runStep(step, i, temp, inStep, { ...surroundings, workspace });
    if (step.id !== undefined) steps[step.id] = { outputs: done.outputs };
    if (done.log !== '') logs.push(`# ${step.name}\n${done.log}`);
    exitCode = Math.max(exitCode, done.exitCode);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    onStep(
      step.name,
      done.state ?? `${done.exitCode === 0 ? 'ok' : `exit code ${done.exitCode}`}, ${seconds} s`,
    );
  }
  const log = logs.join('\n');
  await writeFile(join(folder, 'log.txt'), log);
  const outputs = Object.fromEntries(
    Object.entries(job.outputs).map(([name, text]) => [name, fill(text, { ...contexts, steps })]),
  );
  const result = exitCode === 0 ? 'success' : 'failure';
  return { result, exitCode, outputs, annotations: annotationsIn(log), log };
}

interface InWorkspace extends Surroundings {
  /** Working folder of the job's steps. */
  readonly workspace: string;
}

interface StepResult {
  readonly exitCode: number;
  readonly outputs: Record<string, string>;
  readonly log: string;
  readonly state?: string;
}

const PREPARED: StepResult = { exitCode: 0, outputs: {}, log: '', state: 'ready' };

async function runStep(
  step: Step,
  index: number,
  temp: string,
  contexts: Contexts,
  surroundings: InWorkspace,
): Promise<StepResult> {
  const { root, folder, workspace } = surroundings;
  if (step.uses !== undefined) return runAction(step.uses, step, contexts, surroundings);
  if (step.run === undefined) throw new GateError(`The step "${step.name}" neither runs nor uses anything.`);
  const cwd = join(workspace, step['working-directory'] ?? '.');
  if (step.run.trim() === INSTALL)
    return cwd === join(root, '.') ? PREPARED : attempt(() => install(cwd, root));
  if (step.run.includes('${{')) {
    throw new GateError(`The step "${step.name}" fills an expression into a script: hand it over in env.`);
  }
  const summary = join(temp, `summary-${index}.md`);
  const output = join(temp, `output-${index}`);
  await Promise.all([writeFile(summary, ''), writeFile(output, '')]);
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  const own = Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, contexts)]);
  const run = await $({
    cwd,
    nothrow: true,
    quiet: true,
    env: {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      NO_COLOR: '1',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_OUTPUT: output,
      RUNNER_TEMP: temp,
      ...(Object.fromEntries(own) as Record<string, string>),
    },
  })`bash --noprofile --norc -e -c ${step.run}`;
  // GitHub keeps a page a step and shows them one after another.
  await appendFile(join(folder, 'summary.md'), await readFile(summary));
  await appendFile(join(folder, 'output'), await readFile(output));
  return {
    exitCode: run.exitCode ?? 1,
    outputs: parseOutputs(await readFile(output, 'utf8')),
    log: run.stdall,
  };
}

async function runAction(
  uses: string,
  step: Step,
  contexts: Contexts,
  { root, store, workspace }: InWorkspace,
): Promise<StepResult> {
  const action = uses.split('@')[0]!;
  if (PREPARATIONS.includes(action)) return PREPARED;
  const inputs = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, text]) => [name, fill(text, contexts)]),
  );
  if (action === 'actions/checkout') {
    return hasOwnFolder(uses, step.with) ? attempt(() => checkOut(root, workspace, inputs)) : PREPARED;
  }
  const transfer = { 'actions/upload-artifact': upload, 'actions/download-artifact': download }[action];
  if (!transfer)
    throw new GateError(`The step "${step.name}" uses ${action}, which a rehearsal does not know.`);
  return attempt(() => transfer(store, workspace, inputs));
}

async function attempt(work: () => Promise<void>): Promise<StepResult> {
  try {
    await work();
    return { exitCode: 0, outputs: {}, log: '' };
  } catch (error) {
    return { exitCode: 1, outputs: {}, log: `${messageOf(error)}\n` };
  }
}
