import { relative, sep } from 'node:path';
import type { TestCase, TestModule } from 'vitest/node';
import type { ErrorFact, ModuleFact, RunFacts, TestFact } from '../gates/facts.ts';
import type { Verdict } from '../gates/verdict.ts';
// For the type of `task.meta`.
import type {} from '../matchers/meta.ts';
import type { Evidence } from '../record.ts';

export interface Filter {
  /** The project's root; paths are told from there. */
  readonly root: string;
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
  const evidences = new Map<string, Evidence>();
  const tests: TestFact[] = [];
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      tests.push(factOf(test, filter));
      for (const evidence of test.meta().gate?.evidences ?? []) evidences.set(evidence.id, evidence);
    }
  }
  return {
    facts: { modules: modules.map((module) => moduleFact(module, filter.root)), tests },
    evidences: [...evidences.values()].toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })),
  };
}

function moduleFact(module: TestModule, root: string): ModuleFact {
  const error = firstError(module.errors());
  return { spec: pathFrom(root, module.moduleId), ...(error ? { error } : {}) };
}

function factOf(test: TestCase, filter: Filter): TestFact {
  const result = test.result();
  const error = firstError(result.errors ?? []) ?? errorAround(test);
  const asked =
    result.state !== 'skipped' || (!filter.lines && (filter.testName?.test(searchName(test)) ?? true));
  return {
    spec: pathFrom(filter.root, test.module.moduleId),
    test: test.fullName,
    state: result.state,
    todo: test.options.mode === 'todo',
    retries: retriesOf(test),
    asked,
    verdicts: (test.meta().gate?.verdicts ?? []).map((verdict) => withPath(verdict, filter.root)),
    ...(error ? { error } : {}),
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

function withPath(verdict: Verdict, root: string): Verdict {
  const { location } = verdict;
  return location ? { ...verdict, location: { ...location, file: pathFrom(root, location.file) } } : verdict;
}

function pathFrom(root: string, file: string): string {
  return relative(root, file).split(sep).join('/');
}
