/**
 * The reporter without the rest of the package, for a vitest.config that should not load tfjs.
 *
 * @module codecodecode/reporter
 */

import { join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { ExitCode, GateError, messageOf } from './errors.ts';
import { LOCK_FILE, parseLock } from './gates/manifest.ts';
import { parseScope } from './gates/scope.ts';
import type { Scope } from './gates/scope.ts';
import { publish, publishError } from './github/publish.ts';
import { sourceOf } from './matchers/source.ts';
import { removeReports, writeReports } from './report/artefacts.ts';
import { exitGuard } from './report/exit-guard.ts';
import { checkFrozen, freeze } from './report/frozen.ts';
import type { Frozen } from './report/frozen.ts';
import { collect } from './report/collect.ts';
import { conclude } from './report/conclude.ts';
import { collectBlobs } from './report/merge-blobs.ts';
import { brokenSummary } from './report/summary.ts';
import { PAGE_FILE } from './report/files.ts';
import { settingsOf } from './report/settings.ts';
import type { GateReporterOptions, Settings } from './report/settings.ts';
import { toTerminal } from './report/terminal.ts';
import { inertLines } from './report/text.ts';

/**
 * Vitest reporter of the gate: prints the targets beside the results, writes `index.html`, `summary.md` and `summary.json`,
 * hands them to GitHub where it runs, and sets the exit code (see `ExitCode`). Whatever goes wrong in here is red: exit code 4.
 */
export function gateReporter(options: GateReporterOptions = {}): Reporter {
  let vitest: Vitest | undefined;
  let frozen: Promise<Frozen> | undefined;
  let runs = 0;
  const settings = settingsOf(options);
  const raiseExitCode = exitGuard();
  const hold = (root: string) => {
    frozen = freeze(root, settings.base);
    // Whoever awaits it is told.
    frozen.catch(() => undefined);
  };
  const reporter: Reporter = {
    onInit(context) {
      vitest = context;
      removeReports(join(context.config.root, settings.folder));
      hold(context.config.root);
    },
    onTestRunStart() {
      runs++;
      // Watching, somebody edits the lock between two runs.
      if (vitest && runs > 1) hold(vitest.config.root);
    },
    async onTestRunEnd(modules, strayErrors = []) {
      try {
        if (!vitest || !frozen) throw new GateError('The gate reporter was not initialised by Vitest.');
        const run = { modules, strayErrors: strayErrors.length, again: runs > 1, frozen: await frozen };
        raiseExitCode(await report(vitest, run, settings));
      } catch (error) {
        const exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
        raiseExitCode(exitCode);
        await tellBroken(messageOf(error), exitCode, settings, vitest?.config.root);
      }
    },
  };
  REPORTERS.add(reporter);
  return reporter;
}

const REPORTERS = new WeakSet<object>();

/** True of what `gateReporter` gave, and of nothing that only looks like it. */
export function isGateReporter(value: unknown): boolean {
  return typeof value === 'object' && value !== null && REPORTERS.has(value);
}

/** On every channel: a run that could not be concluded leaves nothing that says otherwise. */
async function tellBroken(
  message: string,
  exitCode: ExitCode,
  { folder, env }: Settings,
  root: string | undefined,
): Promise<void> {
  console.error(inertLines(`Gate: ${message}`));
  try {
    if (root !== undefined) await writeReports(join(root, folder), brokenSummary(message, exitCode));
  } catch (error) {
    console.error(inertLines(`Gate: and no report could be written: ${messageOf(error)}`));
  }
  await publishError(message, exitCode, { env });
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
  const filter = {
    root,
    specs: lock?.targets.map(({ spec }) => spec) ?? [],
    testName: vitest.config.testNamePattern,
    lines: filters.some((each) => /:\d+$/.test(each)),
  };
  const collected = vitest.config.mergeReports
    ? collectBlobs(vitest, filter, sourceOf(root))
    : collect(modules, filter);
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
