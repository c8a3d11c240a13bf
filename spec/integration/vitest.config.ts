import { defineConfig } from 'vitest/config';
import { TOGETHER } from '../support/together.ts';

// Rooms together: small networks trained and interrupted, the engine beside plain operations, ONNX Runtime, git. Apart from
// `npm test`, which has their parts, as they take half as long again.
export default defineConfig({
  test: {
    name: 'integration',
    include: ['spec/integration/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 2,
    ...TOGETHER,
  },
});
