import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inOrder, parseWorkflow } from '../../scripts/support/rehearsal/workflow.ts';
import { errorsOfAction, errorsOfWorkflow } from './workflow-parser.ts';

const FOLDER = '.github/workflows';
const WORKFLOWS = readdirSync(FOLDER).filter((file) => file.endsWith('.yml'));
/** Permissions to write, and the only job that may have them. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  'comment.yml/comment': ['pull-requests'],
  'docs.yml/publish': ['id-token', 'pages'],
  'release.yml/attach': ['contents'],
  'release.yml/publish': ['id-token'],
  'scheduled.yml/pages': ['id-token', 'pages'],
};

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly if?: string;
  readonly 'timeout-minutes'?: number;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const text = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const workflow = (file: string) => parse(text(file)) as Workflow;
const jobsOf = (file: string) => Object.entries(workflow(file).jobs);

test('there are workflows for pull requests, the schedule, releases, comments, documentation and other platforms', () => {
  expect(WORKFLOWS).toEqual([
    'comment.yml',
    'docs.yml',
    'platforms.yml',
    'pull-request.yml',
    'release.yml',
    'scheduled.yml',
  ]);
});

describe.each(WORKFLOWS)('%s', (file) => {
  test('is what GitHub’s own parser takes for a workflow', async () => {
    expect(await errorsOfWorkflow(text(file))).toEqual([]);
  });

  test('grants nothing to all jobs, and each job no more than it needs', () => {
    expect(workflow(file).permissions).toEqual({});
    for (const [id, { permissions }] of jobsOf(file)) {
      const writes = Object.entries(permissions ?? { everything: 'write' }).filter(
        ([, level]) => level === 'write',
      );
      expect(writes.map(([name]) => name)).toEqual(MAY_WRITE[`${file}/${id}`] ?? []);
    }
  });

  test('never runs with the rights of the base on code of a pull request', () => {
    expect(Object.keys(workflow(file).on)).not.toContain('pull_request_target');
  });

  test('fills no expression into a script', () => {
    for (const { run = '' } of stepsOf(file)) expect(run).not.toContain('${{');
  });

  test('pins every action by its commit, and names the version', () => {
    const uses = text(file).match(/uses: .*/g)!;
    for (const line of uses) expect(line).toMatch(/^uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('leaves no token behind a check-out, and ends in time', () => {
    for (const step of stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'))) {
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
    for (const [, job] of jobsOf(file)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });
});

test('the same action is pinned to the same commit everywhere', () => {
  const pins = new Set(WORKFLOWS.flatMap(stepsOf).flatMap(({ uses }) => uses ?? []));
  const actions = [...pins].map((pin) => pin.split('@')[0]);
  expect(actions.length).toBe(new Set(actions).size);
});

test('a mistake in a workflow is found', async () => {
  const broken = text('pull-request.yml');
  expect(await errorsOfWorkflow(broken.replace('runs-on:', 'run-on:'))).not.toEqual([]);
  expect(await errorsOfWorkflow(broken.replace('needs: checks', 'needs: cheks'))).not.toEqual([]);
  expect(await errorsOfWorkflow(broken.replace('runner.temp', 'rumner.temp'))).not.toEqual([]);
});

test('the comment job takes nothing of the pull request but its report', () => {
  const { on, jobs } = workflow('comment.yml');
  expect(on).toEqual({ workflow_run: { workflows: ['Pull request'], types: ['completed'] } });
  const [checkout] = jobs['comment']!.steps;
  expect(checkout!.with).toMatchObject({ ref: '${{ github.event.repository.default_branch }}' });
  expect(parse(text('pull-request.yml'))).toMatchObject({ name: 'Pull request' });
});

test('the job that publishes neither checks out nor installs', () => {
  const steps = workflow('release.yml').jobs['publish']!.steps;
  expect(steps.map(({ uses, run }) => uses?.split('@')[0] ?? run)).toEqual([
    'actions/setup-node',
    'actions/download-artifact',
    'npm publish ./package/*.tgz --provenance --access public',
  ]);
});

test('the job that attaches the SBOM to a release neither checks out nor installs', () => {
  const steps = workflow('release.yml').jobs['attach']!.steps;
  expect(steps.map(({ uses, run }) => uses?.split('@')[0] ?? run)).toEqual([
    'actions/download-artifact',
    'gh release upload "$GITHUB_REF_NAME" package/sbom.cdx.json',
  ]);
});

test('a release is packed only from signed packages without a known hole, and lists its parts', () => {
  const runs = workflow('release.yml').jobs['test']!.steps.flatMap(({ run }) => run ?? []);
  const [install, signatures, holes] = runs;
  expect([install, signatures, holes]).toEqual([
    'npm ci',
    'npm audit signatures',
    'npm audit --omit=dev --omit=optional',
  ]);
  expect(runs.at(-1)).toBe('npm sbom --sbom-format=cyclonedx --omit=dev > package/sbom.cdx.json');
});

test('the lock file has the hash of every package', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { integrity?: string }>;
  };
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
});

test.each(['pull-request.yml', 'scheduled.yml'])(
  'the gate of %s always runs, after all others but the one that publishes its report',
  (file) => {
    const order = inOrder(parseWorkflow(text(file), file)).filter((id) => id !== 'pages');
    const jobs = workflow(file).jobs as Record<string, Job & { needs: string[] }>;
    expect(order.at(-1)).toBe('gate');
    expect(jobs['gate']!.if).toBe('${{ always() }}');
    expect(jobs['gate']!.needs).toEqual(order.slice(0, -1));
  },
);

test('the job that publishes the report runs no code, and only where it is asked for', () => {
  const { pages } = workflow('scheduled.yml').jobs;
  expect(pages!.if).toBe("${{ !cancelled() && vars.GATE_PAGES == 'true' }}");
  expect(pages!.steps.map(({ uses, run }) => uses?.split('@')[0] ?? run)).toEqual([
    'actions/download-artifact',
    'actions/upload-pages-artifact',
    'actions/deploy-pages',
  ]);
});

test('pull requests and .ci/run look at the page in a browser', () => {
  const runs = stepsOf('pull-request.yml').map(({ run }) => run);
  expect(runs).toContain('npm run test:page');
  expect(readFileSync('.ci/run', 'utf8')).toMatch(/^npm run test:page$/m);
});

test('every npm script that a workflow runs is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = WORKFLOWS.flatMap(stepsOf).flatMap(
    ({ run = '' }) => /npm run ([\w:-]+)/.exec(run)?.[1] ?? [],
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

describe('action.yml', () => {
  const action = readFileSync('action.yml', 'utf8');

  test('is what GitHub’s own parser takes for an action', () => {
    expect(errorsOfAction(action)).toEqual([]);
    expect(errorsOfAction(action.replace('using: composite', 'using: cobol'))).not.toEqual([]);
  });

  test('hands every input over in the environment and fills none into a script', () => {
    const { inputs, runs } = parse(action) as {
      inputs: Record<string, unknown>;
      runs: { steps: (Step & { env: Record<string, string> })[] };
    };
    const [step] = runs.steps;
    expect(step!.run).not.toContain('${{');
    expect(step!.env).toEqual(
      Object.fromEntries(
        Object.keys(inputs).map((name) => [`INPUT_${name.toUpperCase()}`, `\${{ inputs.${name} }}`]),
      ),
    );
  });
});

function stepsOf(file: string): Step[] {
  return jobsOf(file).flatMap(([, { steps }]) => steps);
}
