import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chalk, echo } from 'zx';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { commitsToRehearse } from './support/rehearsal/checkout.ts';
import { rehearse } from './support/rehearsal/rehearse.ts';
import type { RehearsedJob } from './support/rehearsal/rehearse.ts';
import { parseWorkflow } from './support/rehearsal/workflow.ts';

const HELP = `Usage: npm run ci:local -- [WORKFLOW] [options]

Runs a workflow of .github/workflows on this machine, step by step as it is written there: legs of the matrix as processes
two at a time, artifacts as folders, and the files that GitHub would read (summary, outputs, log with annotations).
Set-up of Node, caches, and check-out and "npm ci" of the project itself are left out: this machine is ready. What is
judged is the working tree as it lies here, as a commit; the gate that judges it is really checked out, from the base.
Leaves with the highest exit code.

  WORKFLOW      name of the file (default: pull-request)
  --lose LEG    loses what that leg of the matrix hands over; may be given several times
  --base REV    what to compare with (default: HEAD, or the commit before it where nothing is changed)
  --root DIR    another project's folder
  --folder DIR  where the files go, from the root (default: .cache/ci)`;

const LEGS_AT_A_TIME = 2;
const LOG_LINES = 40;
const WORKFLOWS = new URL('../.github/workflows/', import.meta.url);

try {
  process.exitCode = await main();
} catch (error) {
  console.error(chalk.red(messageOf(error)));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) {
    echo(HELP);
    return ExitCode.ok;
  }
  const file = `${positionals[0] ?? 'pull-request'}.yml`;
  const root = resolve(values.root);
  const text = await readWorkflow(file);
  const jobs = await rehearse(parseWorkflow(text, file), {
    root,
    folder: resolve(root, values.folder),
    github: await eventOf(root, values.base, text),
    lose: values.lose,
    parallel: LEGS_AT_A_TIME,
    onStep: (job, step, state) =>
      echo(`${job}: ${step}: ${state.startsWith('exit') ? chalk.red(state) : chalk.dim(state)}`),
  });
  for (const job of jobs) echo(lineOf(job, root));
  const told = jobs.map(({ name, result, exitCode, annotations }) => ({
    name,
    result,
    exitCode,
    annotations,
  }));
  await writeFile(join(root, values.folder, 'jobs.json'), `${JSON.stringify(told, null, 2)}\n`);
  return Math.max(...jobs.map(({ exitCode }) => exitCode));
}

/** As GitHub tells a job of a pull request; without commits for a workflow that does not ask for them. */
async function eventOf(root: string, base: string | undefined, workflow: string) {
  if (!workflow.includes('github.event.pull_request.base.sha')) return {};
  const commits = await commitsToRehearse(root, base);
  return {
    event_name: 'pull_request',
    sha: commits.head,
    event: { pull_request: { base: { sha: commits.base } } },
  };
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        lose: { type: 'string', multiple: true, default: [] },
        base: { type: 'string' },
        root: { type: 'string', default: '.' },
        folder: { type: 'string', default: '.cache/ci' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`);
  }
}

async function readWorkflow(file: string): Promise<string> {
  return readFile(new URL(file, WORKFLOWS), 'utf8').catch(() => {
    throw new GateError(`There is no workflow ${file} in .github/workflows.`);
  });
}

/** The end of the log too where the job is red. */
function lineOf({ name, result, exitCode, folder, log }: RehearsedJob, root: string): string {
  const colour = { success: chalk.green, failure: chalk.red, skipped: chalk.yellow }[result];
  const line = colour(`${result.padEnd(8)} ${name}`) + chalk.dim(` ${relative(root, folder)}`);
  if (exitCode === 0) return line;
  const end = log.trimEnd().split('\n').slice(-LOG_LINES);
  return [line, ...end.map((text) => `    ${text}`)].join('\n');
}
