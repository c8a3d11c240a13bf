import { relative, sep } from 'node:path';
import type { TestCase, TestModule } from 'vitest/node';
import { ExitCode } from '../errors.ts';
import type { ErrorFact, ModuleFact, RunFacts, TestFact } from '../gates/facts.ts';
import { recount } from '../gates/recount.ts';
import { sourceSchema } from '../gates/source.ts';
import type { Verdict } from '../gates/verdict.ts';
import type { GateMeta } from '../matchers/meta.ts';
import type { Evidence } from '../record.ts';

export interface Filter {
  /** The project's root; paths are told from there. */
  readonly root: string;
  /** Specs that the lock knows, to find one in a checkout at another path again. */
  readonly specs?: readonly string[];
  /** `vitest -t`. */
  readonly testName?: RegExp | undefined;
  /** True if single lines were asked for (`vitest spec/x.spec.ts:12`). */
  readonly lines: boolean;
}

export interface Collected {
  readonly facts: RunFacts;
  /** One an iteration, in the order of their ids. */
  readonly evidences: readonly Evidence[];
}

/** What the tests of a run left behind, as plain data. Pure; works the same after `--merge-reports`. */
export function collect(modules: readonly TestModule[], filter: Filter): Collected {
  const tests = modules.flatMap((module) =>
    [...module.children.allTests()].map((test) => factOf(test, filter)),
  );
  const evidences = new Map(
    tests.flatMap((test) => test.evidences).map((evidence) => [evidence.id, evidence]),
  );
  return {
    facts: { modules: modules.map((module) => moduleFact(module, filter)), tests },
    evidences: [...evidences.values()].toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })),
  };
}

function moduleFact(module: TestModule, filter: Filter): ModuleFact {
  const error = firstError(module.errors());
  return { spec: pathFrom(filter, module.moduleId), ...(error ? { error } : {}) };
}

function factOf(test: TestCase, filter: Filter): TestFact {
  const result = test.result();
  const gate = test.meta().gate as Partial<GateMeta> | undefined;
  const { verdicts, evidences, unreadable } = recount({
    verdicts: listOf(gate?.verdicts),
    evidences: listOf(gate?.evidences),
  });
  const source = sourceSchema.safeParse(gate?.source).data;
  const error =
    firstError(result.errors ?? []) ??
    errorAround(test) ??
    (unreadable === undefined ? undefined : forged(unreadable));
  const asked =
    result.state !== 'skipped' || (!filter.lines && (filter.testName?.test(searchName(test)) ?? true));
  return {
    spec: pathFrom(filter, test.module.moduleId),
    test: test.fullName,
    state: result.state,
    todo: test.options.mode === 'todo',
    retries: retriesOf(test),
    attempts: listOf(gate?.attempts).length,
    asked,
    ...(source ? { source } : {}),
    verdicts: verdicts.map((verdict) => withPath(verdict, filter)),
    evidences,
    ...(error ? { error } : {}),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function forged(what: string): ErrorFact {
  return {
    name: 'GateError',
    message: `The test handed over ${what}: whoever writes task.meta by hand, let the matchers do it.`,
    exitCode: ExitCode.missing,
  };
}

/** Errors of a hook belong to the suite or the module around the test. */
function errorAround(test: TestCase): ErrorFact | undefined {
  for (let parent = test.parent; ; parent = parent.parent) {
    const error = firstError(parent.errors());
    if (error || parent.type === 'module') return error;
  }
}

function firstError(
  errors: readonly { readonly name?: string; readonly message: string; readonly exitCode?: unknown }[],
): ErrorFact | undefined {
  const error = errors[0];
  if (error === undefined) return undefined;
  const { name = 'Error', message, exitCode } = error;
  return { name, message, ...(typeof exitCode === 'number' ? { exitCode } : {}) };
}

function retriesOf({ options: { retry } }: TestCase): number {
  return typeof retry === 'number' ? retry : (retry?.count ?? 0);
}

/** The name that `-t` is matched with: suites and test, with spaces between. */
function searchName(test: TestCase): string {
  const names = [test.name];
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent) names.unshift(parent.name);
  return names.join(' ');
}

function withPath(verdict: Verdict, filter: Filter): Verdict {
  const { location } = verdict;
  return location
    ? { ...verdict, location: { ...location, file: pathFrom(filter, location.file) } }
    : verdict;
}

/** A leg of a matrix may have run in a checkout at another path: then the lock tells where the project's part begins. */
function pathFrom({ root, specs = [] }: Filter, file: string): string {
  const path = relative(root, file).split(sep).join('/');
  if (!path.startsWith('../')) return path;
  return specs.find((spec) => file.split(sep).join('/').endsWith(`/${spec}`)) ?? path;
}
