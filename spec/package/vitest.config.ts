import { defineConfig } from 'vitest/config';

// Apart from `npm test`, which needs no network: here npm installs the package as people who use it do.
export default defineConfig({
  test: {
    name: 'package',
    include: ['spec/package/**/*.spec.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
