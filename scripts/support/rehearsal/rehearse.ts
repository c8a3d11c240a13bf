import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GateError } from '../../../src/errors.ts';
import { fill, holds, valueOf } from './expressions.ts';
import type { Contexts } from './expressions.ts';
import { runJob } from './job.ts';
import type { JobResult } from './job.ts';
import { inOrder } from './workflow.ts';
import type { Job, Workflow } from './workflow.ts';

export interface Rehearsal {
  readonly root: string;
  /** Emptied first: a folder a job, with summary.md, output and log.txt. */
  readonly folder: string;
  /** What GitHub says of the event: the commits of the pull request. */
  readonly github: Readonly<Record<string, unknown>>;
  /** Legs whose artifacts get lost on the way. */
  readonly lose: readonly string[];
  /** Jobs of a matrix that run side by side. */
  readonly parallel: number;
  readonly onStep: (job: string, step: string, state: string) => void;
}

export interface RehearsedJob extends Omit<JobResult, 'result'> {
  /** As GitHub names it, the matrix filled in. */
  readonly name: string;
  readonly folder: string;
  readonly result: JobResult['result'] | 'skipped';
}

const matrixSchema = z.object({ include: z.array(z.record(z.string(), z.union([z.string(), z.number()]))) });
type Leg = z.infer<typeof matrixSchema>['include'][number];

/** Runs all jobs of a workflow on this machine: in the order of their needs, the legs of a matrix side by side. */
export async function rehearse(workflow: Workflow, rehearsal: Rehearsal): Promise<RehearsedJob[]> {
  await rm(rehearsal.folder, { recursive: true, force: true });
  await mkdir(rehearsal.folder, { recursive: true });
  const needs: Record<string, { result: string; outputs: JobResult['outputs'] }> = {};
  const jobs: RehearsedJob[] = [];
  for (const id of inOrder(workflow)) {
    const job = workflow.jobs[id]!;
    const contexts: Contexts = {
      needs: Object.fromEntries(job.needs.map((need) => [need, needs[need]])),
      matrix: {},
      // A machine of one's own has none of the repository's variables.
      vars: {},
    };
    const failed = job.needs.some((need) => needs[need]!.result !== 'success');
    const ran = holds(job.if, contexts, { failed })
      ? await runLegs(id, job, contexts, rehearsal)
      : [skipped(job, join(rehearsal.folder, id))];
    jobs.push(...ran);
    needs[id] = { result: resultOf(ran), outputs: Object.assign({}, ...ran.map(({ outputs }) => outputs)) };
  }
  return jobs;
}

async function runLegs(
  id: string,
  job: Job,
  contexts: Contexts,
  rehearsal: Rehearsal,
): Promise<RehearsedJob[]> {
  const legs = job.strategy ? legsOf(id, valueOf(job.strategy.matrix, contexts)) : [{}];
  const results: RehearsedJob[] = Array.from({ length: legs.length });
  const queue = [...legs.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      results[next[0]] = await runLeg(id, job, { ...contexts, matrix: next[1] }, rehearsal);
    }
  };
  await Promise.all(Array.from({ length: rehearsal.parallel }, worker));
  return results;
}

function legsOf(id: string, matrix: unknown): Leg[] {
  const parsed = matrixSchema.safeParse(matrix);
  if (parsed.success) return parsed.data.include;
  throw new GateError(
    `The matrix of the job "${id}" is not a list of legs: ${z.prettifyError(parsed.error)}`,
  );
}

async function runLeg(id: string, job: Job, contexts: Contexts, rehearsal: Rehearsal): Promise<RehearsedJob> {
  const { leg } = contexts['matrix'] as Leg;
  const folder = join(rehearsal.folder, ...(leg === undefined ? [id] : [id, String(leg)]));
  const lost = leg !== undefined && rehearsal.lose.includes(String(leg));
  const name = fill(job.name, contexts);
  const result = await runJob(job, {
    ...rehearsal,
    folder,
    contexts,
    store: join(rehearsal.folder, lost ? 'lost' : 'artifacts'),
    onStep: (step, state) => rehearsal.onStep(name, step, state),
  });
  return { ...result, name, folder };
}

function skipped({ name }: Job, folder: string): RehearsedJob {
  return { name, folder, result: 'skipped', exitCode: 0, outputs: {}, annotations: [], log: '' };
}

function resultOf(legs: readonly RehearsedJob[]): string {
  return legs.find(({ result }) => result !== 'success')?.result ?? 'success';
}
