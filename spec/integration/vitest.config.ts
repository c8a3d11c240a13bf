import { defineConfig } from 'vitest/config';

// Rooms together: small networks trained and interrupted, ONNX Runtime, git. Apart from `npm test`, which has their parts, as they
// take as long as all of those. They share a process, as the units do: tfjs is loaded once.
export default defineConfig({
  test: {
    name: 'integration',
    include: ['spec/integration/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    testTimeout: 60_000,
  },
});
