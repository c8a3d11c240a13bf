import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { withBase } from '../gates/against-base.ts';
import { highest, isRed } from '../gates/exit-code.ts';
import { LOCK_FILE, parseLock } from '../gates/manifest.ts';
import type { Lock } from '../gates/manifest.ts';
import { parseScope } from '../gates/scope.ts';
import type { Scope } from '../gates/scope.ts';
import { settle } from '../gates/settle.ts';
import { tightenings } from '../gates/tighten.ts';
import { publish, publishError } from '../github/publish.ts';
import { againstBase } from './base.ts';
import { collect } from './collect.ts';
import type { Collected } from './collect.ts';
import { toMarkdown } from './markdown.ts';
import { summarize } from './summary.ts';
import type { Summary } from './summary.ts';
import { PAGE_FILE, REPORTS_FOLDER } from './files.ts';
import { toTerminal } from './terminal.ts';
import { inertLines } from './text.ts';

export interface GateReporterOptions {
  /** Where index.html, summary.md and summary.json go, from the project's root. Default: reports. */
  readonly folder?: string;
  /** Print the rows of green iterations, too. Default: the environment's GATE_VERBOSE. */
  readonly verbose?: boolean;
  /** A git revision to compare with. Default: the environment's GATE_BASE; none: no comparison. */
  readonly base?: string;
  /** Default: the process's. Read: CI, GATE_SCOPE, GATE_BASE, and GitHub's (see `publish`). */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Vitest reporter of the gate: prints the targets beside the results, writes `index.html`, `summary.md` and `summary.json`,
 * hands them to GitHub where it runs, and sets the exit code (see `ExitCode`). Whatever goes wrong in here is red: exit code 4.
 */
export function gateReporter(options: GateReporterOptions = {}): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(context) {
      vitest = context;
    },
    async onTestRunEnd(modules) {
      try {
        if (!vitest) throw new GateError('The gate reporter was not initialised by Vitest.');
        raiseExitCode(await report(vitest, modules, options));
      } catch (error) {
        const exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
        raiseExitCode(exitCode);
        console.error(inertLines(`Gate: ${messageOf(error)}`));
        await publishError(messageOf(error), exitCode, options);
      }
    },
  };
}

async function report(
  vitest: Vitest,
  modules: readonly TestModule[],
  options: GateReporterOptions,
): Promise<ExitCode> {
  const env = options.env ?? process.env;
  const root = vitest.config.root;
  const lock = readLock(root);
  const filters = filtersOf(vitest);
  const collected = collect(modules, {
    root,
    testName: vitest.config.testNamePattern,
    lines: filters.some((filter) => /:\d+$/.test(filter)),
  });
  const known = [...new Set(lock?.targets.map(({ iteration }) => iteration) ?? [])];
  const summary = await conclude(collected, lock, {
    root,
    scope: scopeOf(isSet(env['CI']), parseScope(env['GATE_SCOPE'], known), filters),
    base: options.base ?? env['GATE_BASE'],
  });
  const silent = summary.iterations.length === 0 && summary.targetChanges.length === 0;
  if (silent) {
    for (const notice of summary.notices) vitest.logger.log(`  Gate: ${notice}`);
  } else {
    const folder = options.folder ?? REPORTS_FOLDER;
    await writeReports(join(root, folder), summary);
    const verbose = options.verbose ?? isSet(env['GATE_VERBOSE']);
    const page = `${folder}/${PAGE_FILE}`;
    vitest.logger.log(inertLines(toTerminal(summary, { verbose, page })));
    await publish(summary, { root, folder, env });
  }
  return summary.verdict.exitCode;
}

interface Context {
  readonly root: string;
  readonly scope: Scope;
  readonly base: string | undefined;
}

/** Rows, lock and base to a summary: all of the gate but reading the run and writing the result. */
async function conclude(
  { facts, evidences }: Collected,
  lock: Lock | undefined,
  context: Context,
): Promise<Summary> {
  const { root, scope, base } = context;
  const settled = settle({ facts, lock, scope, sourceOf: (spec) => readIfThere(join(root, spec)) });
  const against = base
    ? await againstBase(base, { folder: root, otherThanHead: scope.ci }, lock, evidences)
    : undefined;
  const told = new Set(facts.tests.filter(({ verdicts }) => verdicts.some(isRed)));
  return summarize({
    rows: against ? withBase(settled.rows, against.records) : settled.rows,
    evidences,
    notices: [...settled.notices, ...(against?.notices ?? []), ...tightenings(settled.rows)],
    failedTests: facts.tests.filter((fact) => fact.state === 'failed' && !told.has(fact)).length,
    ...(against ? { targetChanges: against.targetChanges, comparisons: against.comparisons } : {}),
  });
}

function scopeOf(ci: boolean, iterations: readonly string[] | undefined, filters: readonly string[]): Scope {
  return { ci, filters, ...(iterations ? { iterations } : {}) };
}

/** What was given on the command line to run less than everything, as it was given. */
function filtersOf(vitest: Vitest): string[] {
  const { config } = vitest;
  // Vitest keeps the file patterns on an internal field only; without it a filtered run counts as a full one.
  const { filenamePattern = [] } = vitest as { filenamePattern?: readonly string[] };
  if (config.mergeReports) return [];
  return [
    ...filenamePattern,
    ...(config.testNamePattern ? [`-t ${config.testNamePattern.source}`] : []),
    ...(config.project ?? []).map((name) => `--project ${name}`),
    ...(config.shard ? [`--shard ${config.shard.index}/${config.shard.count}`] : []),
    ...(config.changed ? ['--changed'] : []),
    ...(config.related ? ['related'] : []),
    ...(config.tagsFilter ? ['--tags-filter'] : []),
  ];
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== 'false' && variable !== '0';
}

function readLock(root: string): Lock | undefined {
  const text = readIfThere(join(root, LOCK_FILE));
  return text === undefined ? undefined : parseLock(text, LOCK_FILE);
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Raises, never lowers, what Vitest and other reporters have set. */
function raiseExitCode(code: ExitCode): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), highest([code]));
}

async function writeReports(folder: string, summary: Summary): Promise<void> {
  // Only here: the library of the drawings takes a moment to load, and most runs of Vitest are not a gate's.
  const { toPage } = await import('./page/page.ts');
  await writeWhole(join(folder, PAGE_FILE), toPage(summary));
  await writeWhole(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  await writeWhole(join(folder, 'summary.md'), toMarkdown(summary));
}

/** Writes beside the target and renames, so that a reader never meets half a file. */
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}
