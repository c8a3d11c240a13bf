import { defineConfig } from 'vitest/config';
import { gateReporter } from './src/reporter.ts';
import { LongestFirst } from './spec/support/longest-first.ts';
import { TOGETHER } from './spec/support/together.ts';

export default defineConfig({
  test: {
    // Native addons (tfjs-node) are not safe in worker threads; a process per file also gives each its own memory.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', gateReporter()],
    // None of them extends this configuration: each would load it, with the reporter, once more.
    projects: [
      // The engine's specs are of this project, too: another would transform all sources again. What exchanges the kernels of tfjs'
      // backends is not.
      {
        test: {
          name: 'unit',
          include: ['spec/{unit,repository}/**/*.spec.ts', 'spec/kernels/{native,stock}-*.spec.ts'],
          ...TOGETHER,
        },
      },
      {
        test: {
          name: 'kernels',
          include: ['spec/kernels/**/*.spec.ts'],
          exclude: ['spec/kernels/{native,stock}-*.spec.ts'],
          testTimeout: 60_000,
        },
      },
      {
        // Training all of MNIST takes minutes where a record no longer fits.
        test: { name: 'networks', include: ['spec/networks/**/*.spec.ts'], hookTimeout: 3_600_000 },
      },
    ],
  },
});
