import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { GateError, messageOf } from '../../../src/errors.ts';
import { annotationsIn } from './annotations.ts';
import type { ShownAnnotation } from './annotations.ts';
import { download, upload } from './artifacts.ts';
import { fill, holds } from './expressions.ts';
import type { Contexts } from './expressions.ts';
import { parseOutputs } from './outputs-file.ts';
import type { Job, Step } from './workflow.ts';

/** Everything that a job takes from the machine and from the jobs before. */
export interface Surroundings {
  /** The project: working folder of every step. */
  readonly root: string;
  /** This job's own: summary, outputs, log, temporary files. */
  readonly folder: string;
  /** In the place of GitHub's store of artifacts. */
  readonly store: string;
  readonly contexts: Contexts;
  /** Wins over the workflow's: for values that only GitHub knows. */
  readonly env: Readonly<Record<string, string>>;
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
const PREPARATIONS = ['actions/checkout', 'actions/setup-node', 'actions/cache'];
const INSTALL = 'npm ci';
/** Set by whoever starts the rehearsal, and not what GitHub would set. */
const OWN_VARIABLES = /^(?:CI|NODE_ENV|NO_COLOR|TEST)$|^(?:GITHUB|GATE|RUNNER|VITEST|npm)_/;

/** Runs the steps of a job as GitHub's runner would. Throws GateError for a step that it cannot run. */
export async function runJob(job: Job, surroundings: Surroundings): Promise<JobResult> {
  const { folder, contexts, onStep } = surroundings;
  const temp = join(folder, 'temp');
  await mkdir(temp, { recursive: true });
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const logs: string[] = [];
  let exitCode = 0;
  for (const [i, step] of job.steps.entries()) {
    const inStep: Contexts = {
      ...contexts,
      steps,
      runner: { temp },
      github: { workspace: surroundings.root },
    };
    if (!holds(step.if, inStep, { failed: exitCode > 0 })) {
      onStep(step.name, 'left out');
      continue;
    }
    const started = performance.now();
    const done = await runStep(step, i, temp, inStep, surroundings);
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
  surroundings: Surroundings,
): Promise<StepResult> {
  if (step.uses !== undefined) return runAction(step.uses, step, contexts, surroundings);
  if (step.run === undefined) throw new GateError(`The step "${step.name}" neither runs nor uses anything.`);
  if (step.run.trim() === INSTALL) return PREPARED;
  if (step.run.includes('${{')) {
    throw new GateError(`The step "${step.name}" fills an expression into a script: hand it over in env.`);
  }
  const { root, folder } = surroundings;
  const summary = join(temp, `summary-${index}.md`);
  const output = join(temp, `output-${index}`);
  await Promise.all([writeFile(summary, ''), writeFile(output, '')]);
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  const own = Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, contexts)]);
  const run = await $({
    cwd: root,
    nothrow: true,
    quiet: true,
    env: {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      NO_COLOR: '1',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: root,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_OUTPUT: output,
      RUNNER_TEMP: temp,
      ...(Object.fromEntries(own) as Record<string, string>),
      ...surroundings.env,
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
  { root, store }: Surroundings,
): Promise<StepResult> {
  const action = uses.split('@')[0]!;
  if (PREPARATIONS.includes(action)) return PREPARED;
  const inputs = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, text]) => [name, fill(text, contexts)]),
  );
  const transfer = { 'actions/upload-artifact': upload, 'actions/download-artifact': download }[action];
  if (!transfer)
    throw new GateError(`The step "${step.name}" uses ${action}, which a rehearsal does not know.`);
  try {
    await transfer(store, root, inputs);
    return { exitCode: 0, outputs: {}, log: '' };
  } catch (error) {
    return { exitCode: 1, outputs: {}, log: `${messageOf(error)}\n` };
  }
}
