import { defineConfig } from 'vitest/config';

// Rooms together: small networks trained and interrupted, the engine beside plain operations, ONNX Runtime, git. Apart from
// `npm test`, which has their parts, as they take half as long again. They share a process, as the units do: tfjs is loaded once.
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
