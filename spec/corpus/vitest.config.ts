import { defineConfig } from 'vitest/config';

// The networks of others. Apart from `npm test`: they are trained beside plain operations, which takes minutes.
export default defineConfig({
  test: {
    name: 'corpus',
    include: ['spec/corpus/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
