import { defineConfig } from 'vitest/config';

// Whole programs: Vitest with the gate, the judge, the commands, the workflow and the benchmark, in copies of small projects, and
// processes and threads that fail. Apart from `npm test`, which has their parts, as they take minutes.
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
