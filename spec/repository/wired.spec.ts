import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import config from '../../vitest.config.ts';
import { isGateReporter } from '../../src/reporter.ts';

/**
 * Without the reporter, or with something between the specs and the gate, a skipped target would be green. So the
 * configuration may hold what it holds, and nothing else: no alias, plugin, setup file, global setup or environment.
 */

const ROOT = resolve(import.meta.dirname, '../..');
const SETTINGS = ['maxWorkers', 'pool', 'projects', 'reporters', 'sequence'];
const OF_A_PROJECT = ['exclude', 'hookTimeout', 'include', 'isolate', 'name', 'testTimeout'];

type Settings = Readonly<Record<string, unknown>>;
const { test: settings } = config as unknown as {
  test: Settings & { reporters: unknown[]; projects: readonly (Settings & { test: Settings })[] };
};

describe('vitest.config.ts', () => {
  test("has the gate's reporter, itself and not what only looks like it", () => {
    const [standard, gate, ...more] = settings.reporters;
    expect(standard).toBe('default');
    expect(isGateReporter(gate), "the gate's reporter is in vitest.config.ts").toBe(true);
    expect(more).toEqual([]);
  });

  test('puts nothing between the specs and the gate', () => {
    expect(Object.keys(config)).toEqual(['test']);
    expect(Object.keys(settings).toSorted()).toEqual(SETTINGS);
    for (const project of settings.projects) {
      expect(Object.keys(project)).toEqual(['test']);
      for (const name of Object.keys(project.test)) expect(OF_A_PROJECT).toContain(name);
      // What a spec without targets leaves behind in its process must not reach one that has some.
      if (project.test['name'] === 'networks') expect(project.test).not.toHaveProperty('isolate');
    }
  });

  test('asks the environment for nothing, and sets nothing in it', () => {
    expect(readFileSync(join(ROOT, 'vitest.config.ts'), 'utf8')).not.toMatch(
      /\bprocess\s*[.[]|\bglobalThis\b/,
    );
  });

  test('is the only configuration that Vitest finds here', () => {
    const found = readdirSync(ROOT).filter((name) => /^(?:vitest?\.(?:config|workspace)\.|\.env)/.test(name));
    expect(found).toEqual(['vitest.config.ts']);
  });
});

test('no spec of a network has a hook, a mock or a state of its own', () => {
  const folder = join(ROOT, 'spec/networks');
  for (const name of readdirSync(folder)) {
    const source = readFileSync(join(folder, name), 'utf8');
    expect(source, name).not.toMatch(/\bvi\.|\b(?:before|after)(?:All|Each)\b|\bprocess\b|\.meta\b/);
  }
});
