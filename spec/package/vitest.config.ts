import { defineConfig } from 'vitest/config';

// Apart from `npm test`, which needs no network: here npm installs the package as people who use it do.
export default defineConfig({
  test: {
    name: 'package',
    include: ['spec/package/**/*.spec.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: 'spec/package/pack.ts',
  },
});
