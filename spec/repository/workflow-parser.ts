import { register } from 'node:module';

// GitHub's parser imports its schemas as JSON without saying so, as bundlers take it; Node wants to be told.
const tellJson = `export const load = (url, context, next) =>
  next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context);`;
register(`data:text/javascript,${encodeURIComponent(tellJson)}`);

const workflows = await import('@actions/workflow-parser');
const actions = await import('@actions/workflow-parser/actions/index');

/** What GitHub's own parser finds wrong with a workflow file. */
export async function errorsOfWorkflow(content: string): Promise<string[]> {
  const trace = new workflows.NoOperationTraceWriter();
  const { context, value } = workflows.parseWorkflow({ name: 'workflow.yml', content }, trace);
  const template = value && (await workflows.convertWorkflowTemplate(context, value));
  return [
    ...context.errors.getErrors().map(String),
    ...(template?.errors ?? []).map(({ Message }) => Message),
  ];
}

/** What it finds wrong with an action.yml. */
export function errorsOfAction(content: string): string[] {
  const trace = new workflows.NoOperationTraceWriter();
  const { context, value } = actions.parseAction({ name: 'action.yml', content }, trace);
  if (value) actions.convertActionTemplate(context, value);
  return context.errors.getErrors().map(String);
}
