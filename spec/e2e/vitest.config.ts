import { defineConfig } from 'vitest/config';

// Whole programs: Vitest with the gate, the commands, the workflow and the benchmark, started in copies of small projects. Apart
// from `npm test`, which has their parts, as they take minutes.
export default defineConfig({
  test: {
    name: 'e2e',
    include: ['spec/e2e/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
