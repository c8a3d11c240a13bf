import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Native addons (tfjs-node) are not safe in worker threads; a process per file also gives each its own memory.
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'unit', include: ['spec/unit/**/*.spec.ts'] } },
      { extends: true, test: { name: 'kernels', include: ['spec/kernels/**/*.spec.ts'] } },
      {
        extends: true,
        test: { name: 'networks', include: ['spec/networks/**/*.spec.ts'], hookTimeout: 3_600_000 },
      },
    ],
  },
});
