import { defineConfig } from 'vitest/config';

/** The report page in a real browser: `npm run test:page`. Apart from `npm test`, which needs no browser. */
export default defineConfig({
  test: { include: ['spec/page/**/*.spec.ts'], pool: 'forks', testTimeout: 60_000, hookTimeout: 60_000 },
});
