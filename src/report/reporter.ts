import { rmSync } from 'node:fs';
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
import { checkFrozen, freeze, readIfThere } from './frozen.ts';
import type { Frozen } from './frozen.ts';
import { collect } from './collect.ts';
import type { Collected } from './collect.ts';
import { toMarkdown } from './markdown.ts';
import { brokenSummary, summarize } from './summary.ts';
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
  let frozen: Promise<Frozen> | undefined;
  let runs = 0;
  const settings = settingsOf(options);
  return {
    onInit(context) {
      vitest = context;
      const { root } = context.config;
      // A summary of an earlier run must not speak for this one.
      rmSync(join(root, settings.folder, SUMMARY_FILE), { force: true });
      frozen = freeze(root, settings.base);
    },
    onTestRunStart() {
      runs++;
      // Watching, somebody edits the lock between two runs.
      if (vitest && runs > 1) frozen = freeze(vitest.config.root, settings.base);
    },
    async onTestRunEnd(modules, strayErrors = []) {
      try {
        if (!vitest || !frozen) throw new GateError('The gate reporter was not initialised by Vitest.');
        const run = { modules, strayErrors: strayErrors.length, again: runs > 1, frozen: await frozen };
        raiseExitCode(await report(vitest, run, settings));
      } catch (error) {
        const exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
        raiseExitCode(exitCode);
        console.error(inertLines(`Gate: ${messageOf(error)}`));
        if (vitest)
          await writeSummary(
            join(vitest.config.root, settings.folder),
            brokenSummary(messageOf(error), exitCode),
          );
        await publishError(messageOf(error), exitCode, options);
      }
    },
  };
}

const SUMMARY_FILE = 'summary.json';

/** As it was before a configuration could set it: imports run first. */
const ENVIRONMENT = { ...process.env };

interface Settings {
  readonly folder: string;
  readonly base: string | undefined;
  readonly ci: boolean;
  readonly scope: string | undefined;
  readonly verbose: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A configuration may add to what the environment asks for, and take nothing away: neither CI nor a base, nor what is owed. */
function settingsOf({ folder = REPORTS_FOLDER, base, env = {}, verbose }: GateReporterOptions): Settings {
  return {
    folder,
    base: ENVIRONMENT['GATE_BASE'] ?? base ?? env['GATE_BASE'],
    ci: isSet(ENVIRONMENT['CI']) || isSet(env['CI']),
    scope: ENVIRONMENT['GATE_SCOPE'],
    verbose: verbose ?? isSet(env['GATE_VERBOSE'] ?? ENVIRONMENT['GATE_VERBOSE']),
    env: { ...ENVIRONMENT, ...env },
  };
}

interface Ended {
  readonly modules: readonly TestModule[];
  /** Errors that no test threw. */
  readonly strayErrors: number;
  /** True where Vitest watches and runs what has changed. */
  readonly again: boolean;
  readonly frozen: Frozen;
}

async function report(
  vitest: Vitest,
  { modules, strayErrors, again, frozen }: Ended,
  { folder, base, ci, scope: asked, env, verbose }: Settings,
): Promise<ExitCode> {
  const root = vitest.config.root;
  const text = frozen.files[LOCK_FILE];
  const lock = text === undefined ? undefined : parseLock(text, LOCK_FILE);
  const filters = [...filtersOf(vitest), ...(again ? ['watching: what has changed'] : [])];
  const collected = collect(modules, {
    root,
    specs: lock?.targets.map(({ spec }) => spec) ?? [],
    testName: vitest.config.testNamePattern,
    lines: filters.some((filter) => /:\d+$/.test(filter)),
  });
  if (!lock && ci && asked === undefined && collected.evidences.length === 0) {
    throw new GateError(
      `There is no ${LOCK_FILE}: in CI every target is owed by it. Write it (targets --update) and commit it, or set GATE_SCOPE=none where this run is for other tests.`,
      ExitCode.missing,
    );
  }
  const known = [...new Set(lock?.targets.map(({ iteration }) => iteration) ?? [])];
  const summary = await conclude(collected, lock, {
    root,
    scope: scopeOf(ci, parseScope(asked, known), filters),
    base,
    strayErrors,
  });
  await checkFrozen(root, frozen);
  const silent = summary.iterations.length === 0 && summary.targetChanges.length === 0;
  if (silent) {
    for (const notice of summary.notices) vitest.logger.log(`  Gate: ${notice}`);
  } else {
    await writeReports(join(root, folder), summary);
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
  readonly strayErrors: number;
}

/** Rows, lock and base to a summary: all of the gate but reading the run and writing the result. */
async function conclude(
  { facts, evidences }: Collected,
  lock: Lock | undefined,
  context: Context,
): Promise<Summary> {
  const { root, scope, base, strayErrors } = context;
  const settled = settle({ facts, lock, scope, sourceOf: (spec) => readIfThere(join(root, spec)) });
  const against = base
    ? await againstBase(base, { folder: root, otherThanHead: scope.ci }, lock, evidences)
    : undefined;
  const told = new Set(facts.tests.filter(({ verdicts }) => verdicts.some(isRed)));
  return summarize({
    rows: against ? withBase(settled.rows, against.records) : settled.rows,
    evidences,
    notices: [...settled.notices, ...(against?.notices ?? []), ...tightenings(settled.rows)],
    strayErrors,
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

/** Raises, never lowers, what Vitest and other reporters have set. */
function raiseExitCode(code: ExitCode): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), highest([code]));
}

async function writeReports(folder: string, summary: Summary): Promise<void> {
  // Only here: the library of the drawings takes a moment to load, and most runs of Vitest are not a gate's.
  const { toPage } = await import('./page/page.ts');
  await writeWhole(join(folder, PAGE_FILE), toPage(summary));
  await writeWhole(join(folder, SUMMARY_FILE), `${JSON.stringify(summary, null, 2)}\n`);
  await writeWhole(join(folder, 'summary.md'), toMarkdown(summary));
}

/** Writes beside the target and renames, so that a reader never meets half a file. */
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}
