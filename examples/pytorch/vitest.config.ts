import { gateReporter } from 'codecodecode/reporter';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['spec/*.spec.ts'],
    setupFiles: ['codecodecode/matchers'],
    hookTimeout: 120_000,
    reporters: ['default', gateReporter()],
  },
});
