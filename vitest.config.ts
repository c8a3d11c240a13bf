import { defineConfig } from 'vitest/config';
import { LongestFirst } from './spec/support/longest-first.ts';
import { gateReporter } from './src/report/reporter.ts';

export default defineConfig({
  test: {
    // Native addons (tfjs-node) are not safe in worker threads; a process per file also gives each its own memory.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', gateReporter()],
    projects: [
      { extends: true, test: { name: 'unit', include: ['spec/unit/**/*.spec.ts'] } },
      { extends: true, test: { name: 'corpus', include: ['spec/corpus/**/*.spec.ts'], testTimeout: 60_000 } },
      {
        extends: true,
        test: { name: 'kernels', include: ['spec/kernels/**/*.spec.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        // Training all of MNIST takes minutes where a record no longer fits.
        test: { name: 'networks', include: ['spec/networks/**/*.spec.ts'], hookTimeout: 3_600_000 },
      },
    ],
  },
});
