import { parse } from 'yaml';
import { z } from 'zod';
import { GateError } from '../../../src/errors.ts';

/** The part of a workflow file that a rehearsal runs; what is left out here (runners, permissions, ...) is GitHub's own. */

const texts = z.record(z.string(), z.coerce.string());

const stepSchema = z.object({
  id: z.string().optional(),
  name: z.string(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: texts.optional(),
  run: z.string().optional(),
  'working-directory': z.string().optional(),
  env: texts.optional(),
});
export type Step = z.infer<typeof stepSchema>;

const jobSchema = z.object({
  name: z.string(),
  needs: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((needs) => [needs].flat()),
  if: z.string().optional(),
  outputs: texts.default({}),
  strategy: z.object({ matrix: z.string() }).optional(),
  steps: z.array(stepSchema),
});
export type Job = z.infer<typeof jobSchema>;

const workflowSchema = z.object({ name: z.string(), jobs: z.record(z.string(), jobSchema) });
export type Workflow = z.infer<typeof workflowSchema>;

/** Throws GateError for what a rehearsal cannot run, so that it never passes over a step in silence. */
export function parseWorkflow(text: string, file: string): Workflow {
  const parsed = workflowSchema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new GateError(`${file} cannot be rehearsed: ${z.prettifyError(parsed.error)}`);
}

/** The jobs, each after those that it needs. */
export function inOrder(workflow: Workflow): string[] {
  const order: string[] = [];
  const visit = (id: string, above: readonly string[]) => {
    if (order.includes(id)) return;
    const job = workflow.jobs[id];
    if (!job || above.includes(id))
      throw new GateError(`The job "${id}" is needed, and is not there or needs itself.`);
    for (const need of job.needs) visit(need, [...above, id]);
    order.push(id);
  };
  for (const id of Object.keys(workflow.jobs)) visit(id, []);
  return order;
}
