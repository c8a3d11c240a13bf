import { expect, test } from 'vitest';
import config from '../../../vitest.config.ts';

/** Without the reporter, or in a project that does not inherit it, a skipped target would be green. */
const { test: settings } = config as {
  test: {
    reporters: unknown[];
    retry?: unknown;
    projects: { extends?: boolean; test: { retry?: unknown; reporters?: unknown } }[];
  };
};

test("the gate's reporter is in vitest.config.ts", () => {
  const hooks = settings.reporters.filter((reporter) => typeof reporter === 'object' && reporter !== null);
  expect(
    hooks.some((reporter) => 'onTestRunEnd' in reporter),
    "the gate's reporter is in vitest.config.ts",
  ).toBe(true);
});

test('no project of vitest.config.ts retries, or stands apart from the rest', () => {
  expect(settings.retry).toBeUndefined();
  for (const project of settings.projects) {
    expect(project.extends).toBe(true);
    expect(project.test.retry).toBeUndefined();
  }
});
