import { defineConfig } from 'vitest/config';
import { TOGETHER } from '../support/together.ts';

// Single parts, which `npm test` tries, too. On their own they need no gate: its reporter would be loaded first, for a second.
export default defineConfig({
  test: { name: 'unit', include: ['spec/unit/**/*.spec.ts'], pool: 'forks', maxWorkers: 2, ...TOGETHER },
});
